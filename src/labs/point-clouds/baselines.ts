/** What needs no network: the commonest label, and the three nearest neighbours. Results of a network stand beside them. */
import { Draws } from '../../data/draws';
import type { Cloud } from '../../data/cloud';
import { cloudOf, type ShapeSplit } from '../../data/shapeSet';
import type { PointData } from './data/data';
import { accuracies, confusion, count, PartIous } from './metrics';
import type { Task } from './networkShape';

const NEIGHBOURS = 3;
/** Pairs of points whose distance is taken, and cells of each histogram. */
const PAIRS = 2048;
const CELLS = 24;
/** Points of a shape that are labelled, and training points of a category that they are compared with. */
const LABELLED = 256;
const KNOWN = 2048;

/** Largest radius: clouds lie in the unit sphere. */
const DIAMETER = 2;

/**
 * A crude description of a cloud: how far its points lie from each other (D2 of Osada et al. 2002), how high, and how far from the
 * vertical axis; three histograms of shares.
 */
export function shapeHistogram({ points }: Cloud, draws: Draws): Float64Array {
  const N = points.length / 3;
  const cells = new Float64Array(3 * CELLS);
  const at = (i: number, c: number) => points[3 * i + c] ?? 0;
  const add = (which: number, share: number, weight: number) => {
    const cell = which * CELLS + Math.max(0, Math.min(CELLS - 1, Math.floor(share * CELLS)));
    cells[cell] = (cells[cell] ?? 0) + weight;
  };
  for (let k = 0; k < PAIRS; k++) {
    const [i, j] = [draws.whole(N), draws.whole(N)];
    const distance = Math.hypot(at(i, 0) - at(j, 0), at(i, 1) - at(j, 1), at(i, 2) - at(j, 2));
    add(0, distance / DIAMETER, 1 / PAIRS);
  }
  for (let i = 0; i < N; i++) {
    add(1, (at(i, 1) + 1) / DIAMETER, 1 / N);
    add(2, Math.hypot(at(i, 0), at(i, 2)), 1 / N);
  }
  return cells;
}

/** The label that most of the nearest have; that of the nearest of all where they disagree. */
export function vote(labels: readonly number[]): number {
  const of = (label: number) => labels.filter((l) => l === label).length;
  return labels.reduce((winner, label) => (of(label) > of(winner) ? label : winner), labels[0] ?? 0);
}

/** Indices of the three smallest numbers, in order. */
export function threeSmallest(values: ArrayLike<number>): number[] {
  const found: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? Infinity;
    const place = found.findIndex((j) => value < (values[j] ?? Infinity));
    if (place >= 0) found.splice(place, 0, i);
    else if (found.length < NEIGHBOURS) found.push(i);
    found.length = Math.min(found.length, NEIGHBOURS);
  }
  return found;
}

function commonest(labels: ArrayLike<number>): number {
  const counts = new Map<number, number>();
  for (const label of Array.from(labels)) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].reduce((most, entry) => (entry[1] > most[1] ? entry : most), [0, 0])[0];
}

function classBaselines({ set }: PointData): Record<string, number> {
  const histograms = (split: ShapeSplit, which: string) =>
    Array.from({ length: split.count }, (_, i) => shapeHistogram(cloudOf(split, i), new Draws(1, `${which} ${i}`)));
  const known = histograms(set.train, 'train');
  const majority = commonest(set.train.labels);
  const [always, nearest] = [confusion(set.classes.length), confusion(set.classes.length)];
  histograms(set.test, 'test').forEach((one, i) => {
    const truth = set.test.labels[i] ?? 0;
    const distances = known.map((other) => one.reduce((sum, v, c) => sum + Math.abs(v - (other[c] ?? 0)), 0));
    count(always, truth, majority);
    count(nearest, truth, vote(threeSmallest(distances).map((j) => set.train.labels[j] ?? 0)));
  });
  return { majorityAccuracy: accuracies(always).overall, nearestAccuracy: accuracies(nearest).overall };
}

/** Training points of a category, by chance: coordinates and parts. */
function knownPoints(split: ShapeSplit, category: number): Cloud {
  const draws = new Draws(1, `known ${category}`);
  const shapes = Array.from({ length: split.count }, (_, i) => i).filter((i) => split.labels[i] === category);
  const clouds = shapes.map((i) => cloudOf(split, i));
  const known = { points: new Float32Array(3 * KNOWN), normals: new Float32Array(0), parts: new Uint8Array(KNOWN) };
  for (let k = 0; k < KNOWN && clouds.length > 0; k++) {
    const cloud = clouds[draws.whole(clouds.length)];
    const i = draws.whole(cloud?.parts.length ?? 1);
    for (let c = 0; c < 3; c++) known.points[3 * k + c] = cloud?.points[3 * i + c] ?? 0;
    known.parts[k] = cloud?.parts[i] ?? 0;
  }
  return known;
}

function partBaselines({ set }: PointData): Record<string, number> {
  const known = set.classes.map((_, category) => knownPoints(set.train, category));
  const majority = known.map(({ parts }) => commonest(parts));
  const sides = {
    majority: { points: confusion(set.parts.length), ious: new PartIous(set.partsOf, set.parts.length) },
    nearest: { points: confusion(set.parts.length), ious: new PartIous(set.partsOf, set.parts.length) },
  };
  for (let shape = 0; shape < set.test.count; shape++) {
    const category = set.test.labels[shape] ?? 0;
    const { points, parts } = cloudOf(set.test, shape);
    const from = known[category];
    if (!from) continue;
    const truth = Array.from(parts.subarray(0, LABELLED));
    const predicted = {
      majority: truth.map(() => majority[category] ?? 0),
      nearest: truth.map((_, i) => nearestPart(points.subarray(3 * i, 3 * i + 3), from)),
    };
    for (const side of ['majority', 'nearest'] as const) {
      truth.forEach((label, i) => count(sides[side].points, label, predicted[side][i] ?? 0));
      sides[side].ious.add(category, truth, predicted[side]);
    }
  }
  return {
    majorityAccuracy: accuracies(sides.majority.points).overall,
    majorityPartIou: sides.majority.ious.instanceAverage,
    nearestAccuracy: accuracies(sides.nearest.points).overall,
    nearestPartIou: sides.nearest.ious.instanceAverage,
  };
}

function nearestPart(point: Float32Array, { points, parts }: Cloud): number {
  const [x = 0, y = 0, z = 0] = point;
  const distances = Float64Array.from(parts, (_, j) => {
    const [dx, dy, dz] = [x - (points[3 * j] ?? 0), y - (points[3 * j + 1] ?? 0), z - (points[3 * j + 2] ?? 0)];
    return dx * dx + dy * dy + dz * dz;
  });
  return vote(threeSmallest(distances).map((j) => parts[j] ?? 0));
}

const measured = new WeakMap<PointData, Map<Task, Record<string, number>>>();

/**
 * Held-out accuracies of the commonest label (for parts: of the category's commonest part) and of the three nearest neighbours: shapes by
 * histograms, points by their coordinates among points of the same category. For parts the mean IoU over shapes too. Rooms have none.
 */
export function baselines(data: PointData, task: Task): Readonly<Record<string, number>> {
  const known = measured.get(data) ?? new Map<Task, Record<string, number>>();
  measured.set(data, known);
  const found =
    known.get(task) ?? (task === 'classification' ? classBaselines(data) : task === 'parts' ? partBaselines(data) : {});
  known.set(task, found);
  return found;
}
