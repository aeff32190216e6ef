/**
 * What a network must beat: the most frequent answer, and three nearest neighbours without learning. Shapes are compared by histograms
 * that no rotation about the vertical changes (below); parts by the nearest points of the three nearest shapes of the category; points of
 * rooms by their normal and place in the room.
 */
import { cloudOf } from '../../data/shapeSet';
import type { Cloud } from '../../data/cloud';
import { Draws } from '../../data/draws';
import { FRAME } from './data/blocks';
import type { PointData } from './data/data';
import { PartIous } from './metrics';
import type { Task } from './networkShape';

export interface Baselines {
  /** Accuracy (of shapes, or of points) of the most frequent answer: class, part of the category, or label. */
  readonly majority: number;
  /** Accuracy of three nearest neighbours. */
  readonly neighbours: number;
  /** Part IoU over shapes, of both. */
  readonly parts?: { readonly majority: number; readonly neighbours: number };
}

const K = 3;
const PAIRS = 512;
const BINS = { distance: 24, height: 12, radius: 12 } as const;
/** Points of a shape, and of a training shape, that parts are compared at. */
const PART_POINTS = { asked: 128, known: 384 } as const;
/** Points of rooms, training and held out. */
const ROOM_POINTS = 2000;

const known = new WeakMap<PointData, Map<Task, Baselines>>();

/** Computed once for each set and task, on the host. */
export function baselines(data: PointData, task: Task): Baselines {
  const made = known.get(data) ?? new Map<Task, Baselines>();
  known.set(data, made);
  const found =
    made.get(task) ?? (task === 'scene' ? ofRooms(data) : task === 'parts' ? ofParts(data) : ofShapes(data));
  made.set(task, found);
  return found;
}

/** D2 (distances of random pairs, Osada et al. 2002), heights, and distances from the vertical axis, as histograms of sum 1 each. */
function descriptor({ points, parts }: Cloud): Float32Array {
  const draws = new Draws(1, 'pairs');
  const { distance, height, radius } = BINS;
  const out = new Float32Array(distance + height + radius);
  const vote = (first: number, bins: number, value: number, weight: number) => {
    const at = first + Math.min(bins - 1, Math.max(0, Math.floor(value * bins)));
    out[at] = (out[at] ?? 0) + weight;
  };
  const count = parts.length;
  const at = (i: number, c: number) => points[3 * i + c] ?? 0;
  for (let n = 0; n < PAIRS; n++) {
    const [i, j] = [draws.whole(count), draws.whole(count)];
    vote(0, distance, Math.hypot(at(i, 0) - at(j, 0), at(i, 1) - at(j, 1), at(i, 2) - at(j, 2)) / 2, 1 / PAIRS);
    vote(distance, height, (at(i, 1) + 1) / 2, 1 / PAIRS);
    vote(distance + height, radius, Math.hypot(at(i, 0), at(i, 2)), 1 / PAIRS);
  }
  return out;
}

/** Places of the k rows nearest to `asked`, by squared distance; among `allowed` rows. */
function nearest(rows: readonly Float32Array[], asked: Float32Array, allowed: (row: number) => boolean): number[] {
  return rows
    .flatMap((row, i) => (allowed(i) ? [{ i, d: squared(row, asked) }] : []))
    .sort((a, b) => a.d - b.d)
    .slice(0, K)
    .map(({ i }) => i);
}

function squared(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += ((a[k] ?? 0) - (b[k] ?? 0)) ** 2;
  return sum;
}

/** The most frequent of some labels; of equally frequent ones the first to come. */
function vote(labels: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const most = Math.max(0, ...counts.values());
  return labels.find((label) => counts.get(label) === most) ?? 0;
}

function described({ set }: PointData, which: 'train' | 'test') {
  const split = set[which];
  const clouds = Array.from({ length: split.count }, (_, i) => cloudOf(split, i));
  return { clouds, labels: split.labels, rows: clouds.map(descriptor) };
}

function ofShapes(data: PointData): Baselines {
  const [train, test] = [described(data, 'train'), described(data, 'test')];
  const usual = vote(Array.from(train.labels));
  let [majority, neighbours] = [0, 0];
  test.rows.forEach((row, i) => {
    const label = test.labels[i];
    if (label === usual) majority++;
    if (vote(nearest(train.rows, row, () => true).map((n) => train.labels[n] ?? 0)) === label) neighbours++;
  });
  return { majority: majority / test.rows.length, neighbours: neighbours / test.rows.length };
}

function ofParts(data: PointData): Baselines {
  const { set } = data;
  const [train, test] = [described(data, 'train'), described(data, 'test')];
  const usual = set.classes.map((_, category) =>
    vote(train.clouds.flatMap((c, i) => (train.labels[i] === category ? Array.from(c.parts.subarray(0, 64)) : []))),
  );
  const ious = {
    majority: new PartIous(set.partsOf, set.parts.length),
    neighbours: new PartIous(set.partsOf, set.parts.length),
  };
  let [majority, neighbours, all] = [0, 0, 0];
  test.clouds.forEach((cloud, i) => {
    const category = test.labels[i] ?? 0;
    const row = test.rows[i];
    if (!row) return;
    const near = nearest(train.rows, row, (n) => train.labels[n] === category).flatMap((n) => train.clouds[n] ?? []);
    const truth = Array.from(cloud.parts.subarray(0, PART_POINTS.asked));
    const guessed = truth.map((_, p) => vote(near.map((other) => partNearest(other, cloud.points, p))));
    const most = truth.map(() => usual[category] ?? 0);
    ious.majority.add(category, truth, most);
    ious.neighbours.add(category, truth, guessed);
    truth.forEach((part, p) => {
      all++;
      if (part === most[p]) majority++;
      if (part === guessed[p]) neighbours++;
    });
  });
  return {
    majority: majority / all,
    neighbours: neighbours / all,
    parts: { majority: ious.majority.instanceAverage, neighbours: ious.neighbours.instanceAverage },
  };
}

/** The part of the point of another cloud that lies nearest to point p. */
function partNearest({ points, parts }: Cloud, asked: Float32Array, p: number): number {
  let [found, least] = [0, Infinity];
  for (let i = 0; i < Math.min(parts.length, PART_POINTS.known); i++) {
    let d = 0;
    for (let c = 0; c < 3; c++) d += ((points[3 * i + c] ?? 0) - (asked[3 * p + c] ?? 0)) ** 2;
    if (d < least) [found, least] = [i, d];
  }
  return parts[found] ?? 0;
}

function ofRooms(data: PointData): Baselines {
  const [train, test] = [roomPoints(data, 'train'), roomPoints(data, 'test')];
  const usual = vote(train.labels);
  let [majority, neighbours] = [0, 0];
  test.rows.forEach((row, i) => {
    if (test.labels[i] === usual) majority++;
    if (vote(nearest(train.rows, row, () => true).map((n) => train.labels[n] ?? 0)) === test.labels[i]) neighbours++;
  });
  return { majority: majority / test.rows.length, neighbours: neighbours / test.rows.length };
}

/** Points drawn from the blocks: normal, and place in the room. */
function roomPoints({ set, scene }: PointData, which: 'train' | 'test'): { rows: Float32Array[]; labels: number[] } {
  const [split, frames] = [set[which], scene?.[which] ?? new Float32Array(0)];
  const each = Math.max(1, Math.ceil(ROOM_POINTS / split.count));
  const rows: Float32Array[] = [];
  const labels: number[] = [];
  for (let b = 0; b < split.count; b++) {
    const { points, normals, parts } = cloudOf(split, b);
    for (let i = 0; i < each; i++) {
      const place = [0, 1, 2].map(
        (c) => (points[3 * i + c] ?? 0) * (frames[b * FRAME + c] ?? 0) + (frames[b * FRAME + 3 + c] ?? 0),
      );
      rows.push(Float32Array.from([...normals.subarray(3 * i, 3 * i + 3), ...place]));
      labels.push(parts[i] ?? 0);
    }
  }
  return { rows, labels };
}
