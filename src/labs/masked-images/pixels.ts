/** Between pictures and what the model reads and predicts, on the host. */

/** Of each channel, in units of 0…1. */
export interface PixelScale {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

interface Grid {
  readonly channels: number;
  /** Side of the image and of a patch, in pixels. */
  readonly size: number;
  readonly patch: number;
}

/** Bytes of images [n, C, S, S] as the model's numbers: (pixel − mean)/deviation of their channel. */
export function standardised(
  bytes: Uint8Array,
  { channels, size }: Grid,
  { mean, deviation }: PixelScale,
): Float32Array {
  const plane = size * size;
  return Float32Array.from(bytes, (value, i) => {
    const c = Math.floor(i / plane) % channels;
    return (value / 255 - (mean[c] ?? 0)) / (deviation[c] ?? 1);
  });
}

/** Where number k of patch l of image n lies in images [n, C, S, S]: pixel row, pixel column, channel fastest. */
function placeOf({ channels, size, patch }: Grid, n: number, l: number, k: number): { c: number; index: number } {
  const grid = size / patch;
  const [c, x, y] = [k % channels, Math.floor(k / channels) % patch, Math.floor(k / channels / patch)];
  const [row, column] = [Math.floor(l / grid) * patch + y, (l % grid) * patch + x];
  return { c, index: ((n * channels + c) * size + row) * size + column };
}

/** Images [n, C, S, S] as patches [n, L, P]. */
export function patchesOf(images: Float32Array, grid: Grid): Float32Array {
  const [count, length] = [(grid.size / grid.patch) ** 2, grid.patch ** 2 * grid.channels];
  return Float32Array.from(images, (_, i) => {
    const [n, l, k] = [Math.floor(i / length / count), Math.floor(i / length) % count, i % length];
    return images[placeOf(grid, n, l, k).index] ?? 0;
  });
}

/**
 * Predicted patches [n, L, P] as pixels [n, C, S, S] in 0…1. With a normalised target (its ε given) each patch gets the mean and
 * contrast of the true one, which the model did not predict; `truth` are the images, standardised.
 */
export function pixelsOf(
  predicted: Float32Array,
  truth: Float32Array,
  grid: Grid,
  { mean, deviation }: PixelScale,
  targetEpsilon?: number,
): Float32Array {
  const [count, length] = [(grid.size / grid.patch) ** 2, grid.patch ** 2 * grid.channels];
  const original = targetEpsilon === undefined ? undefined : patchesOf(truth, grid);
  const out = new Float32Array(truth.length);
  for (let first = 0; first < out.length; first += length) {
    const [n, l] = [Math.floor(first / length / count), (first / length) % count];
    const [shift, scale] = original ? momentsOf(original.subarray(first, first + length), targetEpsilon ?? 0) : [0, 1];
    for (let k = 0; k < length; k++) {
      const { c, index } = placeOf(grid, n, l, k);
      const standard = (predicted[first + k] ?? 0) * scale + shift;
      out[index] = Math.min(1, Math.max(0, standard * (deviation[c] ?? 1) + (mean[c] ?? 0)));
    }
  }
  return out;
}

/** Mean and √(var + ε), var with n − 1, of a patch. */
function momentsOf(values: Float32Array, epsilon: number): [number, number] {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const square = values.reduce((a, b) => a + (b - mean) ** 2, 0);
  return [mean, Math.sqrt(square / Math.max(1, values.length - 1) + epsilon)];
}

/** Hidden patches (1 in `hidden` [n, L]) from a reconstruction in 0…1, the rest from the bytes of the truth: [n, C, S, S] in 0…1. */
export function pasted(
  truth: ArrayLike<number>,
  rebuilt: Float32Array,
  { channels, size, patch }: Grid,
  hidden: ArrayLike<number>,
): Float32Array {
  const grid = size / patch;
  return rebuilt.map((value, i) => {
    const n = Math.floor(i / (channels * size * size));
    const [y, x] = [Math.floor(i / size) % size, i % size];
    const cell = Math.floor(y / patch) * grid + Math.floor(x / patch);
    return hidden[n * grid * grid + cell] ? value : (truth[i] ?? 0) / 255;
  });
}
