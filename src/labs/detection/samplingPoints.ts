/** Where deformable layers look: sampling points through several layers, and how far learned offsets spread them. Plain code. */

/** One 3 × 3 layer of stride 1 on a map of `cells` × `cells`. */
export interface SamplingLayer {
  readonly dilation: number;
  /** Cells of the layer's map along an edge, and pixels of the image for each. */
  readonly cells: number;
  readonly stride: number;
  /** [18, cells, cells] in cells: channel 2k is dy of tap k, 2k + 1 is dx; undefined for a plain layer. */
  readonly offsets: Float32Array | undefined;
  /** [9, cells, cells]; undefined for 1 everywhere. */
  readonly modulation: Float32Array | undefined;
}

const TAPS = 9;

/** Bilinear value of a plane [cells, cells] at (y, x) in cells, the border going on outside. */
function valueAt(plane: Float32Array, cells: number, y: number, x: number): number {
  const inside = (v: number) => Math.min(cells - 1, Math.max(0, v));
  const [row, column] = [inside(y), inside(x)];
  const [top, left] = [Math.floor(row), Math.floor(column)];
  const [bottom, right] = [Math.min(cells - 1, top + 1), Math.min(cells - 1, left + 1)];
  const [v, u] = [row - top, column - left];
  const at = (r: number, c: number) => plane[r * cells + c] ?? 0;
  return (
    (1 - v) * ((1 - u) * at(top, left) + u * at(top, right)) + v * ((1 - u) * at(bottom, left) + u * at(bottom, right))
  );
}

interface Points {
  /** (x, y) in pixels of the image. */
  readonly points: Float32Array;
  readonly weights: Float32Array;
}

/** The nine points that a layer reads for each of the given points (positions in pixels; centres of cells lie at half strides). */
function through(layer: SamplingLayer, { points, weights }: Points): Points {
  const { cells, stride, dilation, offsets, modulation } = layer;
  const next = { points: new Float32Array(points.length * TAPS), weights: new Float32Array(weights.length * TAPS) };
  const plane = cells * cells;
  for (let i = 0; i < weights.length; i++) {
    const [x, y] = [(points[2 * i] ?? 0) / stride - 0.5, (points[2 * i + 1] ?? 0) / stride - 0.5];
    for (let k = 0; k < TAPS; k++) {
      const of = (all: Float32Array | undefined, channel: number, otherwise: number) =>
        all ? valueAt(all.subarray(channel * plane, (channel + 1) * plane), cells, y, x) : otherwise;
      const row = y + (Math.floor(k / 3) - 1) * dilation + of(offsets, 2 * k, 0);
      const column = x + ((k % 3) - 1) * dilation + of(offsets, 2 * k + 1, 0);
      const at = i * TAPS + k;
      next.points[2 * at] = (column + 0.5) * stride;
      next.points[2 * at + 1] = (row + 0.5) * stride;
      next.weights[at] = (weights[i] ?? 1) * of(modulation, k, 1);
    }
  }
  return next;
}

/**
 * Points that layers look at for a position in pixels: through the last one, the last two … all. Between cells, offsets are interpolated. `layers`
 * stand in the order of the network.
 */
export function samplingPoints(
  layers: readonly SamplingLayer[],
  position: readonly [number, number],
): readonly { readonly points: Float32Array; readonly weights: Float32Array }[] {
  let seen: Points = { points: Float32Array.from(position), weights: Float32Array.of(1) };
  return [...layers].reverse().map((layer) => {
    seen = through(layer, seen);
    return seen;
  });
}

/** Pairs of taps beside and below each other. */
const NEIGHBOURS = Array.from({ length: TAPS }, (_, k) => [
  ...(k % 3 < 2 ? [[k, k + 1] as const] : []),
  ...(k < 6 ? [[k, k + 3] as const] : []),
]).flat();

/** Effective dilation at a position in pixels (Dai et al. 2017): mean distance of neighbouring sampling points over that of the regular grid. */
export function spreadAt(layer: SamplingLayer, position: readonly [number, number]): number {
  const [found] = samplingPoints([layer], position);
  if (!found) return 1;
  const { points } = found;
  const distance = (a: number, b: number) =>
    Math.hypot((points[2 * a] ?? 0) - (points[2 * b] ?? 0), (points[2 * a + 1] ?? 0) - (points[2 * b + 1] ?? 0));
  const total = NEIGHBOURS.reduce((sum, [a, b]) => sum + distance(a, b), 0);
  return total / NEIGHBOURS.length / (layer.stride * layer.dilation);
}
