/** Paths of samples as a cloud in space: the plane lies flat, noise is height. */
import type { PointLayer } from '../../ui/spaceLayers';

/** Amber of what is noised, teal of what is predicted: as in the page's colours. */
const AMBER = [0.85, 0.6, 0.2] as const;
const TEAL = [0.1, 0.6, 0.55] as const;
/** Points put between two levels, so that paths read as lines. */
const BETWEEN = 6;
const DEVIATION = 0.5;

/** Height of a noise level, 0…1: how much of the spread is noise, σ/√(σ² + σ_data²). */
function heightOf(sigma: number): number {
  return sigma / Math.sqrt(sigma * sigma + DEVIATION * DEVIATION);
}

/** States [levels, n, 2] as the process scales them by `signals`; drawn at the spread of the data. */
export function risingCloud(path: Float32Array, sigmas: readonly number[], signals: readonly number[]): PointLayer {
  const count = path.length / 2 / Math.max(1, sigmas.length);
  const positions: number[] = [];
  const colours: number[] = [];
  const at = (level: number, n: number, axis: number) => {
    const sigma = sigmas[level] ?? 0;
    const scale = 1 / ((signals[level] || 1) * Math.sqrt(1 + (sigma / DEVIATION) ** 2));
    return (path[(level * count + n) * 2 + axis] ?? 0) * scale;
  };
  for (let level = 0; level < sigmas.length; level++) {
    const steps = level + 1 < sigmas.length ? BETWEEN : 1;
    for (let n = 0; n < count; n++) {
      for (let s = 0; s < steps; s++) {
        const t = s / steps;
        const mix = (f: (l: number) => number) => (s === 0 ? f(level) : (1 - t) * f(level) + t * f(level + 1));
        const height = mix((l) => heightOf(sigmas[l] ?? 0));
        positions.push(
          mix((l) => at(l, n, 0)),
          1.6 * height - 0.8,
          mix((l) => -at(l, n, 1)),
        );
        for (let c = 0; c < 3; c++) colours.push(height * (AMBER[c] ?? 0) + (1 - height) * (TEAL[c] ?? 0));
      }
    }
  }
  return { kind: 'points', positions: Float32Array.from(positions), colours: Float32Array.from(colours) };
}
