/** How the lab's data are shown. */
import type { Config } from '../../train/control';
import type { DataSummary, View } from '../../train/protocol';
import { isDensity } from './data/densities';

/** Densities lie in −1…1; noised points around them. */
export const PLANE_REACH = 1.6;

export function isPlane(config: Config): boolean {
  return isDensity(String(config['data']));
}

export function imageShape(data: DataSummary | undefined): { channels: number; size: number } | undefined {
  const [channels, size] = data?.sample ?? [];
  return channels === undefined || size === undefined ? undefined : { channels, size };
}

/** A view's numbers; none while it has not been seen. */
export function floats(view: View | undefined): Float32Array {
  return view?.data instanceof Float32Array ? view.data : Float32Array.from(view?.data ?? []);
}

/**
 * Ends of arrows from `places` [n, 2] along scores [n, 2] at noise level σ: σ² times the score, the way to the denoised point, cut at
 * `longest`.
 */
export function arrowEnds(places: Float32Array, scores: Float32Array, sigma: number, longest: number): Float32Array {
  return places.map((x, i) => {
    const pair = i - (i % 2);
    const length = sigma * sigma * Math.hypot(scores[pair] ?? 0, scores[pair + 1] ?? 0);
    const factor = length > longest ? longest / length : 1;
    return x + factor * sigma * sigma * (scores[i] ?? 0);
  });
}

/** Log densities as shades 0…1 of the densest place. */
export function shades(logDensity: Float32Array): Float32Array {
  const most = logDensity.reduce((a, b) => Math.max(a, b), -Infinity);
  return logDensity.map((l) => Math.exp(Math.max(-20, l - most)));
}

/** Middle of a list of numbers; NaN where there are none. */
export function median(values: Float32Array): number {
  return values.slice().sort()[values.length >> 1] ?? NaN;
}

/** Root mean square of the distance from sample to sample of the same number, [n, …sample] each. */
export function meanDistance(a: Float32Array, b: Float32Array, count: number): number {
  return Math.sqrt(a.reduce((sum, x, i) => sum + (x - (b[i] ?? NaN)) ** 2, 0) / count);
}

/** Differences of brightness are drawn so many times as large. */
export const MAGNIFIED = 3;

/** What differs, in brightness: grey where nothing does, lighter where `a` is lighter; cut at black and white. */
export function difference(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((x, i) => Math.min(1, Math.max(0, 0.5 + (MAGNIFIED * (x - (b[i] ?? x))) / 2)));
}

/** Factor that draws a noised state at the spread of data of this deviation: x̄ / √(1 + σ²/σ_data²). */
export function shrink(sigma: number, signal: number, deviation: number): number {
  return 1 / ((signal || 1) * Math.sqrt(1 + (sigma / deviation) ** 2));
}

/** The paths of the first `count` of n samples in the plane, [levels, n, 2], drawn at the spread of the data: [levels, count, 2]. */
export function shownPaths(
  path: Float32Array,
  { sigmas, signals, count }: { sigmas: Float32Array; signals: Float32Array; count: number },
): Float32Array {
  const width = path.length / sigmas.length;
  const kept = Math.min(2 * count, width);
  const out = new Float32Array(sigmas.length * kept);
  sigmas.forEach((sigma, level) => {
    const scale = shrink(sigma, signals[level] ?? 1, 0.5);
    for (let i = 0; i < kept; i++) out[level * kept + i] = scale * (path[level * width + i] ?? 0);
  });
  return out;
}
