/** Batches of images as plain loops on the host. */
import { philoxUniforms } from '../philox';

interface ImageOptions {
  readonly channels: number;
  readonly size: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** (byte/255 − mean)/deviation of the images at `indices` of bytes [n, C, S, S]: [B, C, S, S]. */
export function hostImageBatch(bytes: ArrayLike<number>, indices: readonly number[], options: ImageOptions): number[] {
  const { channels, size, mean, std } = options;
  const plane = size * size;
  return indices.flatMap((image) =>
    Array.from({ length: channels * plane }, (_, i) => {
      const c = Math.floor(i / plane);
      return ((bytes[image * channels * plane + i] ?? NaN) / 255 - (mean[c] ?? NaN)) / (std[c] ?? NaN);
    }),
  );
}

/** Bytes four to a word, little end first. */
export function packedBytes(bytes: ArrayLike<number>): number[] {
  return Array.from({ length: Math.ceil(bytes.length / 4) }, (_, word) =>
    [3, 2, 1, 0].reduce((value, k) => value * 256 + (bytes[word * 4 + k] ?? 0), 0),
  );
}

interface ShiftOptions {
  readonly shift: number;
  readonly flip: boolean;
  readonly stream: string;
}

/** Images [B, C, S, S] moved by up to `shift` pixels and mirrored half of the time, as the op shiftFlip does it. */
export function hostShiftFlip(
  images: Float32Array,
  [B, C, S]: readonly [number, number, number],
  { shift, flip, stream }: ShiftOptions,
  seed: number,
  step: number,
): Float32Array {
  const chance = philoxUniforms(4 * B, seed, stream, step);
  const clamp = (v: number) => Math.min(S - 1, Math.max(0, v));
  return images.map((_, i) => {
    const b = Math.floor(i / (C * S * S));
    const [u = 0, v = 0, w = 0] = chance.subarray(4 * b);
    const [dx, dy] = [Math.floor(u * (2 * shift + 1)) - shift, Math.floor(v * (2 * shift + 1)) - shift];
    const [x, y] = [i % S, Math.floor(i / S) % S];
    const from = clamp((flip && w < 0.5 ? S - 1 - x : x) + dx);
    return images[Math.floor(i / (S * S)) * S * S + clamp(y + dy) * S + from] ?? NaN;
  });
}
