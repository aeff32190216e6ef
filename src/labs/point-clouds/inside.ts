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

/** One way of grouping at a level of PointNet++. */
export interface Balls {
  readonly name: string;
  readonly radius: number;
  /** Members of each centre, [S, K] as places among the level's points; repeated where there are fewer. */
  readonly members: Float32Array;
  /** How many of them are different. */
  readonly counts: Float32Array;
  /** [n, 3]: what members are chosen from. */
  readonly points: Float32Array;
}

export interface BallLevel {
  /** [S, 3]. */
  readonly centres: Float32Array;
  readonly scales: readonly Balls[];
}

/** The levels of PointNet++ as seen for one cloud of `points` [N, 3]; radii double from level to level, and MSG has half and twice as much. */
export function ballLevels(
  views: Views,
  points: Float32Array,
  { radius, grouping }: { readonly radius: number; readonly grouping: string },
): BallLevel[] {
  const levels: BallLevel[] = [];
  let below = points;
  for (let at = 1; views[`sa${at}.centres`]; at++) {
    const centres = placesOf(below, floats(views[`sa${at}.centres`]));
    const names = Object.keys(views).filter((name) => name.startsWith(`sa${at}.`) && name.endsWith('.members'));
    const scales = names.sort().map((name, i) => ({
      name: name.split('.')[1] ?? '',
      radius: radius * 2 ** (at - 1) * (grouping === 'msg' ? 2 ** (i - 1) : 1),
      members: floats(views[name]),
      counts: floats(views[name.replace('.members', '.counts')]),
      points: name.includes('.raw.') ? points : below,
    }));
    levels.push({ centres, scales });
    below = centres;
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

/** How many features each of `views` views won. */
export function winsOf(winners: ArrayLike<number>, views: number): number[] {
  const wins = new Array<number>(views).fill(0);
  for (let i = 0; i < winners.length; i++) {
    const v = winners[i] ?? 0;
    wins[v] = (wins[v] ?? 0) + 1;
  }
  return wins;
}
