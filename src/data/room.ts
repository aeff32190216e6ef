/** Rooms put together from furniture: floor and walls, and models at their own sizes that stand clear of each other. */
import { emptyCloud, type Cloud } from './cloud';
import { Draws } from './draws';
import type { ClassName } from './imageSet';
import { cloudOf, type ShapeSet } from './shapeSet';

export interface RoomOptions {
  readonly seed: number;
  /** Points of the whole room. */
  readonly points: number;
  /** Models that are tried; those that find no place are left out. */
  readonly models: number;
  /** Which split the models come from. */
  readonly from: 'train' | 'test';
}

export interface Room {
  /** In metres: the floor at y = 0, its middle at the origin; parts are the labels. */
  readonly cloud: Cloud;
  readonly classes: readonly ClassName[];
  /** Width (x), height (y) and depth (z) in metres. */
  readonly size: readonly [number, number, number];
  readonly placed: readonly {
    readonly shape: number;
    readonly label: number;
    readonly x: number;
    readonly z: number;
  }[];
}

const WALL: ClassName = { en: 'wall', zh: '墙' };
const FLOOR: ClassName = { en: 'floor', zh: '地板' };
/** Classes that stand in a room; others of a set (cars, trees) stay out. */
const INDOORS = new Set([
  'table',
  'chair',
  'armchair',
  'sofa',
  'bed',
  'cabinet',
  'lamp',
  'appliance',
  'plant',
  'person',
]);
/** Tries at finding a place for a model. */
const TRIES = 30;
/** Kept free around a model, in metres. */
const GAP = 0.1;

interface Placed {
  readonly cloud: Cloud;
  readonly label: number;
  readonly shape: number;
  readonly low: readonly [number, number];
  readonly high: readonly [number, number];
  readonly x: number;
  readonly z: number;
  readonly area: number;
}

/** Classes of a room: those of the set, then wall and floor. */
export function roomClasses(set: ShapeSet): ClassName[] {
  return [...set.classes, WALL, FLOOR];
}

/** A room of 4 to 7 metres, a function of its seed. Throws where the set has nothing that stands indoors. */
export function composeRoom(set: ShapeSet, options: RoomOptions): Room {
  const draws = new Draws(options.seed, 'room');
  const size = [draws.between(4, 7), draws.between(2.4, 3), draws.between(4, 7)] as const;
  const split = set[options.from];
  const indoors = Array.from(split.labels, (label, shape) => ({ label, shape })).filter(({ label }) =>
    INDOORS.has(set.classes[label]?.en ?? ''),
  );
  if (indoors.length === 0)
    throw new Error(`room: the set "${set.id}" has no class that stands in a room; take furniture`);
  const placed: Placed[] = [];
  for (let n = 0; n < options.models; n++) {
    const chosen = indoors[draws.whole(indoors.length)];
    const model = chosen && place(set, options.from, chosen, size, placed, draws);
    if (model) placed.push(model);
  }
  return {
    cloud: pointsOf(size, placed, set.classes.length, options.points, draws),
    classes: roomClasses(set),
    size,
    placed: placed.map(({ shape, label, x, z }) => ({ shape, label, x, z })),
  };
}

/** Turns a model by a quarter of a turn at a time, sets it on the floor and looks for a free place; undefined where there is none. */
function place(
  set: ShapeSet,
  from: 'train' | 'test',
  { label, shape }: { readonly label: number; readonly shape: number },
  [width, height, depth]: readonly [number, number, number],
  others: readonly Placed[],
  draws: Draws,
): Placed | undefined {
  const cloud = turned(cloudOf(set[from], shape), draws.whole(4), set[from].radii[shape] ?? 1);
  const extent = (c: number) => {
    const values = cloud.points.filter((_, i) => i % 3 === c);
    return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))] as const;
  };
  const [[x0, x1], [y0, y1], [z0, z1]] = [extent(0), extent(1), extent(2)];
  const [free, deep] = [width - (x1 - x0), depth - (z1 - z0)];
  if (free < 0 || deep < 0 || y1 - y0 > height) return undefined;
  for (let t = 0; t < TRIES; t++) {
    const [left, front] = [-width / 2 + free * draws.next(), -depth / 2 + deep * draws.next()];
    const [low, high] = [[left, front] as const, [left + x1 - x0, front + z1 - z0] as const];
    const clear = others.every((o) =>
      [0, 1].some((c) => (low[c] ?? 0) > (o.high[c] ?? 0) + GAP || (high[c] ?? 0) < (o.low[c] ?? 0) - GAP),
    );
    if (!clear) continue;
    const [x, z] = [left - x0, front - z0];
    const points = cloud.points.map((v, i) => v + ([x, -y0, z][i % 3] ?? 0));
    const area = 2 * ((x1 - x0) * (z1 - z0) + (y1 - y0) * (x1 - x0 + z1 - z0));
    return { cloud: { ...cloud, points }, label, shape, low, high, x, z, area };
  }
  return undefined;
}

function turned(cloud: Cloud, quarters: number, scale: number): Cloud {
  const [c, s] = [[1, 0, -1, 0][quarters] ?? 1, [0, 1, 0, -1][quarters] ?? 0];
  const turn = (v: Float32Array, by: number) => {
    const out = new Float32Array(v.length);
    for (let i = 0; i < v.length; i += 3) {
      const [x = 0, y = 0, z = 0] = v.subarray(i, i + 3);
      out.set([by * (c * x + s * z), by * y, by * (c * z - s * x)], i);
    }
    return out;
  };
  return { points: turn(cloud.points, scale), normals: turn(cloud.normals, 1), parts: cloud.parts };
}

/** Points by area: of the floor, of four walls, of each model (whose area is that of its box). A model gives each of its points once at most. */
function pointsOf(
  [width, height, depth]: readonly [number, number, number],
  placed: readonly Placed[],
  classes: number,
  count: number,
  draws: Draws,
): Cloud {
  const whole = width * depth + 2 * height * (width + depth) + placed.reduce((sum, p) => sum + p.area, 0);
  const cloud = emptyCloud(count);
  let next = 0;
  for (const { cloud: model, label, area } of placed) {
    const own = Math.min(model.parts.length, Math.round((count * area) / whole));
    for (let i = 0; i < own && next < count; i++, next++) {
      copyPoint(model, Math.floor((i * model.parts.length) / own), cloud, next, label);
    }
  }
  const wallShare = (2 * height * (width + depth)) / (width * depth + 2 * height * (width + depth));
  for (; next < count; next++) {
    const wall = draws.next() < wallShare;
    const { point, normal } = wall ? onWall(width, height, depth, draws) : onFloor(width, depth, draws);
    cloud.points.set(point, 3 * next);
    cloud.normals.set(normal, 3 * next);
    cloud.parts[next] = wall ? classes : classes + 1;
  }
  return shuffled(cloud, draws);
}

function onFloor(width: number, depth: number, draws: Draws) {
  return { point: [width * (draws.next() - 0.5), 0, depth * (draws.next() - 0.5)], normal: [0, 1, 0] };
}

function onWall(width: number, height: number, depth: number, draws: Draws) {
  const [along, y, side] = [draws.next() - 0.5, height * draws.next(), draws.whole(2) === 0 ? -1 : 1];
  return draws.next() < width / (width + depth)
    ? { point: [width * along, y, (side * depth) / 2], normal: [0, 0, -side] }
    : { point: [(side * width) / 2, y, depth * along], normal: [-side, 0, 0] };
}

function copyPoint(from: Cloud, i: number, to: Cloud, j: number, label: number): void {
  to.points.set(from.points.subarray(3 * i, 3 * i + 3), 3 * j);
  to.normals.set(from.normals.subarray(3 * i, 3 * i + 3), 3 * j);
  to.parts[j] = label;
}

/** The points in a random order: what takes the first ones must not take the first model. */
function shuffled(cloud: Cloud, draws: Draws): Cloud {
  const count = cloud.parts.length;
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = draws.whole(i + 1);
    [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
  }
  const out = emptyCloud(count);
  order.forEach((from, i) => copyPoint(cloud, from, out, i, cloud.parts[from] ?? 0));
  return out;
}
