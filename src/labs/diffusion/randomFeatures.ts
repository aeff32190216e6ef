import { philoxNormals } from '../../engine/philox';
import type { PointSample } from '../../train/evaluation/slicedWasserstein';

const WINDOW = 7;
const STRIDE = 3;
const FILTERS = 32;

/**
 * Features of a fixed random convolution, never trained: 7×7 filters of unit length at every third pixel, rectified, and of each the mean
 * and the maximum over the image: images [n, C, S, S] in −1…1 → [n, 64]. They see edges and textures, where pixels see brightness.
 */
export function randomFeatures(
  { points, count }: PointSample,
  { channels, size }: { readonly channels: number; readonly size: number },
): PointSample {
  const window = Math.min(WINDOW, size);
  const taps = channels * window * window;
  const filters = unitRows(philoxNormals(FILTERS * taps, 1, 'random features'), taps);
  const width = 2 * FILTERS;
  const out = new Float32Array(count * width);
  const places: number[] = [];
  for (let at = 0; at + window <= size; at += STRIDE) places.push(at);
  const patch = new Float32Array(taps);
  for (let n = 0; n < count; n++) {
    for (const y of places) {
      for (const x of places) {
        cut(points, patch, { n, x, y, channels, size, window });
        for (let f = 0; f < FILTERS; f++) {
          let dot = 0;
          for (let k = 0; k < taps; k++) dot += (patch[k] ?? 0) * (filters[f * taps + k] ?? 0);
          const [meanAt, mostAt] = [n * width + f, n * width + FILTERS + f];
          out[meanAt] = (out[meanAt] ?? 0) + Math.max(0, dot) / places.length ** 2;
          out[mostAt] = Math.max(out[mostAt] ?? 0, dot);
        }
      }
    }
  }
  return { points: out, count, width };
}

interface Cut {
  readonly n: number;
  readonly x: number;
  readonly y: number;
  readonly channels: number;
  readonly size: number;
  readonly window: number;
}

function cut(images: Float32Array, patch: Float32Array, { n, x, y, channels, size, window }: Cut): void {
  let k = 0;
  for (let c = 0; c < channels; c++) {
    for (let row = 0; row < window; row++) {
      const first = ((n * channels + c) * size + y + row) * size + x;
      for (let i = 0; i < window; i++) patch[k++] = images[first + i] ?? 0;
    }
  }
}

function unitRows(rows: Float32Array, width: number): Float32Array {
  const out = rows.slice();
  for (let first = 0; first < out.length; first += width) {
    const length = Math.hypot(...out.subarray(first, first + width)) || 1;
    for (let i = first; i < first + width; i++) out[i] = (out[i] ?? 0) / length;
  }
  return out;
}
