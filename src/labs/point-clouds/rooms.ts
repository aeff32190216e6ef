/** A room's points as they are drawn. */
import type { LineLayer } from '../../ui/spaceLayers';
import { agreementColours, categoryColours, evenColours, heatColours } from '../../ui/pointColours';
import { placesOf } from './inside';
import type { ColourBy } from './shown';

/** Places of the points whose label is not `without`. */
export function chosenPoints(labels: ArrayLike<number>, without: number | undefined): Uint32Array {
  const kept: number[] = [];
  for (let i = 0; i < labels.length; i++) if (labels[i] !== without) kept.push(i);
  return Uint32Array.from(kept);
}

/** Rooms stand on y = 0: their middle is brought to the origin, so that they turn about it. */
function lift(points: Float32Array): number {
  return points.reduce((most, v, i) => (i % 3 === 1 ? Math.max(most, v) : most), 0) / 2;
}

/** Half the width of what shows a whole room from every side. */
export function roomReach(points: Float32Array): number {
  const up = lift(points);
  let most = 1;
  for (let i = 0; i + 2 < points.length; i += 3)
    most = Math.max(most, Math.hypot(points[i] ?? 0, (points[i + 1] ?? 0) - up, points[i + 2] ?? 0));
  return most * 0.9;
}

const at = (values: ArrayLike<number>, kept: Uint32Array) => Float32Array.from(kept, (i) => values[i] ?? 0);

/** Places [n, 3] of the kept points about the middle of the room. */
export function roomPoints(points: Float32Array, kept: Uint32Array): Float32Array {
  const up = lift(points);
  return placesOf(points, kept).map((v, i) => (i % 3 === 1 ? v - up : v));
}

/** A room's points that are drawn, and what each is and is taken for. */
interface KeptPoints {
  readonly points: Float32Array;
  readonly kept: Uint32Array;
  readonly labels: ArrayLike<number>;
  readonly predicted: ArrayLike<number>;
}

/** Colours of the kept points, by what each is taken for. */
export function roomColours(
  { points, kept, labels, predicted }: KeptPoints,
  by: ColourBy,
  only?: number,
): Float32Array {
  if (by === 'height') return heatColours(points.filter((_, i) => i % 3 === 1));
  if (by === 'error') return agreementColours(at(labels, kept), at(predicted, kept));
  return categoryColours(at(predicted, kept), only);
}

/** Metres by which lines lie above the floor, so that its points do not hide them. */
const ABOVE = 0.05;

/** Where blocks of `size` metres meet on the floor. */
export function blockLines(points: Float32Array, size: number): LineLayer {
  let [width, depth] = [0, 0];
  for (let i = 0; i + 2 < points.length; i += 3) {
    width = Math.max(width, Math.abs(points[i] ?? 0));
    depth = Math.max(depth, Math.abs(points[i + 2] ?? 0));
  }
  const floor = ABOVE - lift(points);
  const [from, to]: [number[], number[]] = [[], []];
  for (let x = -width; x < width + size - 1e-6; x += size) {
    from.push(Math.min(x, width), floor, -depth);
    to.push(Math.min(x, width), floor, depth);
  }
  for (let z = -depth; z < depth + size - 1e-6; z += size) {
    from.push(-width, floor, Math.min(z, depth));
    to.push(width, floor, Math.min(z, depth));
  }
  return {
    kind: 'lines',
    from: Float32Array.from(from),
    to: Float32Array.from(to),
    colours: evenColours(from.length / 3, 'accent'),
  };
}
