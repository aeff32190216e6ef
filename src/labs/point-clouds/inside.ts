/** What was seen on the way through a network, as things in space. */
import type { CubeLayer, LineLayer, PointLayer } from '../../ui/spaceLayers';
import { coloursBy, evenColours, heatColour, TONES, type PointTone } from '../../ui/pointColours';
import { floats, type Views } from './shown';

/** The places [n, 3] of some points. */
export function placesOf(points: Float32Array, indices: ArrayLike<number>): Float32Array {
  const out = new Float32Array(3 * indices.length);
  for (let i = 0; i < indices.length; i++) {
    const from = 3 * (indices[i] ?? 0);
    for (let c = 0; c < 3; c++) out[3 * i + c] = points[from + c] ?? 0;
  }
  return out;
}

export function dots(positions: Float32Array, tone: PointTone, more: Partial<PointLayer> = {}): PointLayer {
  return { kind: 'points', positions, colours: evenColours(positions.length / 3, tone), ...more };
}

/** Different points that the features come from, and how many features each gives. */
export function criticalOf(winners: ArrayLike<number>): { readonly points: number[]; readonly wins: number[] } {
  const counts = new Map<number, number>();
  for (let i = 0; i < winners.length; i++) counts.set(winners[i] ?? 0, (counts.get(winners[i] ?? 0) ?? 0) + 1);
  const sorted = [...counts].sort(([a], [b]) => a - b);
  return { points: sorted.map(([point]) => point), wins: sorted.map(([, wins]) => wins) };
}

/** Rows times A [3, 3]. */
export function transformedBy(points: Float32Array, A: ArrayLike<number>): Float32Array {
  const out = new Float32Array(points.length);
  for (let i = 0; i < points.length; i += 3)
    for (let c = 0; c < 3; c++)
      out[i + c] =
        (points[i] ?? 0) * (A[c] ?? 0) +
        (points[i + 1] ?? 0) * (A[3 + c] ?? 0) +
        (points[i + 2] ?? 0) * (A[6 + c] ?? 0);
  return out;
}

/** Lines from `one` to each of `others`. */
export function raysTo(one: readonly number[], others: Float32Array, tone: PointTone): LineLayer {
  const from = Float32Array.from(others, (_, i) => one[i % 3] ?? 0);
  return { kind: 'lines', from, to: others, colours: evenColours(others.length / 3, tone) };
}

const AXES = Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
const AXIS_COLOURS = Float32Array.of(0.84, 0.2, 0.17, 0.1, 0.62, 0.3, 0.23, 0.42, 0.95);

/** Three axes, turned by A. */
export function axes(A: ArrayLike<number> = AXES): LineLayer {
  return { kind: 'lines', from: new Float32Array(9), to: transformedBy(AXES, A), colours: AXIS_COLOURS };
}

/** A level of PointNet++. */
export interface BallLevel {
  /** [S, 3]. */
  readonly centres: Float32Array;
  readonly radius: number;
  /** Members of each ball, [S, K] as places in `points`; the first is repeated where there are fewer. */
  readonly members: Float32Array;
  /** [n, 3]: what members are chosen from. */
  readonly points: Float32Array;
}

/** The levels of PointNet++ in the view 'levels', from the points up. */
export function ballLevels(views: Views): BallLevel[] {
  const levels: BallLevel[] = [];
  const radii = floats(views['radii']);
  for (let n = 1; views[`centres.${n}`]; n++) {
    levels.push({
      centres: floats(views[`centres.${n}`]),
      radius: radii[n - 1] ?? 0,
      members: floats(views[`members.${n}`]),
      points: levels.at(-1)?.centres ?? floats(views['points']),
    });
  }
  return levels;
}

/** Filled cells of a grid [R, R, R] (z, y, x) over −1 … 1 as cubes: brighter where a cell holds more. */
export function cubesOf(grid: ArrayLike<number>): CubeLayer {
  const R = Math.round(Math.cbrt(grid.length));
  const filled: number[] = [];
  for (let i = 0; i < grid.length; i++) if ((grid[i] ?? 0) > 0) filled.push(i);
  const middle = (cell: number) => (2 * cell + 1) / R - 1;
  const positions = new Float32Array(3 * filled.length);
  filled.forEach((cell, i) => {
    positions[3 * i] = middle(cell % R);
    positions[3 * i + 1] = middle(Math.floor(cell / R) % R);
    positions[3 * i + 2] = middle(Math.floor(cell / R ** 2));
  });
  const binary = filled.every((cell) => grid[cell] === 1);
  // With cells all alike, height tells them apart.
  const value = (i: number) => (binary ? 0.15 + 0.4 * ((positions[3 * i + 1] ?? 0) + 1) : (grid[filled[i] ?? 0] ?? 0));
  return { kind: 'cubes', positions, colours: coloursBy(filled.length, (i) => heatColour(value(i))), edge: 1.8 / R };
}

/** Lines from each point to its nearest others: `neighbours` [N, k]. */
export function graphOf(points: Float32Array, neighbours: ArrayLike<number>): LineLayer {
  const N = points.length / 3;
  const k = neighbours.length / Math.max(1, N);
  const from = placesOf(
    points,
    Array.from({ length: neighbours.length }, (_, i) => Math.floor(i / k)),
  );
  return {
    kind: 'lines',
    from,
    to: placesOf(points, neighbours),
    colours: coloursBy(neighbours.length, () => TONES.accent),
  };
}
