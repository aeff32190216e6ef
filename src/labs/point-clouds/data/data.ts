/** What the lab learns from: labelled shapes, or blocks of rooms put together from furniture. */
import { loadShapeSet } from '../../../data/loadShapes';
import { composeRoom, roomClasses, type Room } from '../../../data/room';
import { splitOf, type ShapeSet } from '../../../data/shapeSet';
import { localShapes, solids } from '../../../data/solids';
import type { Config } from '../../../train/control';
import type { DataSource } from '../../../train/dataSource';
import type { DataSummary } from '../../../train/protocol';
import { blocksOf } from './blocks';

export interface PointData {
  readonly set: ShapeSet;
  /** Where the set's clouds are blocks of rooms: the frame of each block [count, 6], and the rooms themselves. */
  readonly scene?: {
    readonly train: Float32Array;
    readonly test: Float32Array;
    readonly rooms: readonly Room[];
    /** Side of a block in metres. */
    readonly block: number;
  };
}

/** Generated shapes do not depend on the run's seed, so that runs of other seeds are compared on the same data. */
const SEED = 20171;
/** Shapes of each class. */
const SOLIDS = { train: 40, test: 15 } as const;
const LOCAL = { train: 60, test: 25 } as const;
const GENERATED_POINTS = 1024;
const ROOMS = { train: 40, test: 8 } as const;
const ROOM = { points: 16384, models: 14 } as const;
const BLOCK_POINTS = 1024;

/** Sets by source and what they were made from: what was measured of a set once (baselines) is found again by its identity. */
const loaded = new WeakMap<DataSource, Map<string, Promise<PointData>>>();
const MOST_LOADED = 6;

/** Throws with file and fix when a shipped set is missing or damaged. */
export function loadPointData(config: Config, source: DataSource): Promise<PointData> {
  const id = String(config['data']);
  const points = Math.max(GENERATED_POINTS, Number(config['points']), Number(config['seen']));
  const block = Number(config['block']);
  const key = id === 'rooms' ? `rooms ${block}` : id === 'solids' || id === 'local' ? `${id} ${points}` : id;
  const known = loaded.get(source) ?? new Map<string, Promise<PointData>>();
  loaded.set(source, known);
  const data = known.get(key) ?? make(id, { points, block }, source);
  known.set(key, data);
  data.catch(() => known.delete(key));
  const [oldest] = known.keys();
  if (known.size > MOST_LOADED && oldest !== undefined) known.delete(oldest);
  return data;
}

async function make(
  id: string,
  { points, block }: { readonly points: number; readonly block: number },
  source: DataSource,
): Promise<PointData> {
  switch (id) {
    case 'solids':
      return { set: solids({ ...SOLIDS, points, seed: SEED }) };
    case 'local':
      return { set: localShapes({ ...LOCAL, points, seed: SEED }) };
    case 'rooms':
      return rooms(await loadShapeSet('furniture', source.read), block);
    default:
      return { set: await loadShapeSet(id, source.read) };
  }
}

/** Training rooms hold training models only, held-out rooms held-out ones. */
function rooms(furniture: ShapeSet, block: number): PointData {
  const compose = (from: 'train' | 'test') =>
    Array.from({ length: ROOMS[from] }, (_, i) => composeRoom(furniture, { ...ROOM, seed: SEED + i, from }));
  const [train, test] = [compose('train'), compose('test')];
  const [known, held] = [blocksOf(train, block, BLOCK_POINTS), blocksOf(test, block, BLOCK_POINTS)];
  const classes = roomClasses(furniture);
  const set: ShapeSet = {
    id: 'rooms',
    points: BLOCK_POINTS,
    classes: [{ en: 'room', zh: '房间' }],
    parts: classes,
    partsOf: [classes.map((_, i) => i)],
    train: splitOf(known.clouds),
    test: splitOf(held.clouds),
  };
  return { set, scene: { train: known.frames, test: held.frames, rooms: test, block } };
}

export function describePointData({ set }: PointData): DataSummary {
  const classes = set.id === 'rooms' ? set.parts : set.classes;
  return { id: set.id, sample: [set.points, 3], train: set.train.count, test: set.test.count, classes };
}
