/** Rooms cut into square blocks, each a cloud of its own, as scenes are segmented (PointNet on S3DIS). */
import { pickPoints, type Cloud } from '../../../data/cloud';
import { Draws } from '../../../data/draws';
import type { Room } from '../../../data/room';
import type { LabelledCloud } from '../../../data/shapeSet';

/** Half the height that a block reaches, in metres: what 1 stands for in a block. Rooms are 3 m high at most, blocks 3 m wide. */
const REACH = 1.5;
/** Blocks with fewer points say too little (S3DIS: 100 of 4096). */
const FEWEST = 32;

export interface Block {
  /** Which points of the room lie in it. */
  readonly places: Uint32Array;
  /** Its middle on the floor, in metres. */
  readonly x: number;
  readonly z: number;
}

/** Numbers of a frame: place in the room = point · scale + offset, three of each. */
export const FRAME = 6;

/** All blocks of `size` metres with enough points in them. */
export function cutBlocks({ cloud, size: [width, , depth] }: Room, size: number): Block[] {
  const columns = Math.max(1, Math.ceil(width / size));
  const rows = Math.max(1, Math.ceil(depth / size));
  const members = Array.from({ length: columns * rows }, (): number[] => []);
  const cell = (v: number, extent: number, cells: number) =>
    Math.min(cells - 1, Math.max(0, Math.floor((v + extent / 2) / size)));
  for (let i = 0; i < cloud.parts.length; i++) {
    const column = cell(cloud.points[3 * i] ?? 0, width, columns);
    const row = cell(cloud.points[3 * i + 2] ?? 0, depth, rows);
    members[row * columns + column]?.push(i);
  }
  return members.flatMap((places, n) => {
    const [column, row] = [n % columns, Math.floor(n / columns)];
    const middle = (index: number, extent: number) => (index + 0.5) * size - extent / 2;
    const block = { places: Uint32Array.from(places), x: middle(column, width), z: middle(row, depth) };
    return places.length < FEWEST ? [] : [block];
  });
}

/** Points of a block as a cloud about its middle, at half the room's height, in units of 1.5 m. */
export function blockCloud({ cloud }: Room, { x, z }: Block, places: ArrayLike<number>): Cloud {
  const picked = pickPoints(cloud, places);
  const middle = [x, REACH, z];
  return { ...picked, points: picked.points.map((v, i) => (v - (middle[i % 3] ?? 0)) / REACH) };
}

/** Six numbers that take a block's points to their place in the room, 0 … 1 in each direction. */
export function frameOf({ size }: Room, { x, z }: Block): number[] {
  const [width, height, depth] = size;
  const scale = size.map((s) => REACH / s);
  return [...scale, x / width + 0.5, REACH / height, z / depth + 0.5];
}

/** `count` of a block's points at random; repeated where there are fewer. */
export function drawPlaces({ places }: Block, count: number, draws: Draws): Uint32Array {
  const pool = places.slice();
  for (let i = 0; i < Math.min(count, pool.length); i++) {
    const j = i + draws.whole(pool.length - i);
    [pool[i], pool[j]] = [pool[j] ?? 0, pool[i] ?? 0];
  }
  return Uint32Array.from({ length: count }, (_, i) => pool[i % pool.length] ?? 0);
}

export interface BlockSet {
  readonly clouds: readonly LabelledCloud[];
  /** [clouds, 6]. */
  readonly frames: Float32Array;
}

/** All blocks of some rooms, `points` points each. */
export function blocksOf(rooms: readonly Room[], size: number, points: number): BlockSet {
  const clouds: LabelledCloud[] = [];
  const frames: number[] = [];
  rooms.forEach((room, r) => {
    const draws = new Draws(r, 'block points');
    for (const block of cutBlocks(room, size)) {
      const cloud = blockCloud(room, block, drawPlaces(block, points, draws));
      clouds.push({ cloud, label: 0, radius: REACH });
      frames.push(...frameOf(room, block));
    }
  });
  return { clouds, frames: Float32Array.from(frames) };
}
