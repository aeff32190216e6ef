/**
 * Densities in the plane as mixtures of isotropic Gaussians, p(x) = Σ_k w_k N(x; μ_k, sd_k² I), whose exact denoiser is known
 * (process/mixture.ts): made, measured and sampled.
 */
import { philoxNormals, philoxUniforms } from '../../../engine/philox';
import type { Mixture } from '../process/mixture';

/** A component before weights are scaled to sum 1: x, y, standard deviation, weight (1 where left out). */
export type Component = readonly [x: number, y: number, deviation: number, weight?: number];

/** Throws where there is no component, or one of no width or weight. */
export function mixtureOf(components: readonly Component[]): Mixture {
  if (components.length === 0) throw new Error('density: it has no component; give it one point at least');
  const total = components.reduce((sum, [, , , weight = 1]) => sum + weight, 0);
  for (const [x, y, deviation, weight = 1] of components) {
    if (!(deviation > 0) || !(weight > 0))
      throw new Error(
        `density: the component at (${x}, ${y}) has deviation ${deviation} and weight ${weight}; both must be above 0`,
      );
  }
  return {
    weights: components.map(([, , , weight = 1]) => weight / total),
    means: components.map(([x, y]) => [x, y]),
    deviations: components.map(([, , deviation]) => deviation),
  };
}

/** `count` points [count, 2]: a function of seed and stream, the same everywhere. */
export function sampleMixture(mixture: Mixture, count: number, seed: number, stream: string): Float32Array {
  const chosen = philoxUniforms(count, seed, `${stream} component`);
  const normals = philoxNormals(2 * count, seed, `${stream} offset`);
  let total = 0;
  const cumulative = Float64Array.from(mixture.weights, (w) => (total += w));
  const points = new Float32Array(2 * count);
  for (let i = 0; i < count; i++) {
    const k = firstAbove(cumulative, chosen[i] ?? 0);
    for (let c = 0; c < 2; c++)
      points[2 * i + c] = (mixture.means[k]?.[c] ?? 0) + (mixture.deviations[k] ?? 0) * (normals[2 * i + c] ?? 0);
  }
  return points;
}

/** First index whose entry of an ascending list is above a value; the last one where none is. */
function firstAbove(ascending: Float64Array, value: number): number {
  let [low, high] = [0, ascending.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Mean of the density. */
export function mixtureMean({ weights, means }: Mixture): [number, number] {
  const of = (c: number) => weights.reduce((sum, w, k) => sum + w * (means[k]?.[c] ?? 0), 0);
  return [of(0), of(1)];
}

/** σ_data: the standard deviation of a coordinate about the mean, both coordinates pooled. */
export function mixtureDeviation(mixture: Mixture): number {
  const [x, y] = mixtureMean(mixture);
  const squares = mixture.weights.reduce((sum, w, k) => {
    const [a = 0, b = 0] = mixture.means[k] ?? [];
    return sum + w * (((a - x) ** 2 + (b - y) ** 2) / 2 + (mixture.deviations[k] ?? 0) ** 2);
  }, 0);
  return Math.sqrt(squares);
}

/** A component reaches so many of its deviations. */
const REACH = 3;

/** Moved and scaled so that the mean is 0 and the components reach to ±`extent`. */
export function centred(mixture: Mixture, extent = 1): Mixture {
  const centre = mixtureMean(mixture);
  const { weights, deviations } = mixture;
  const means = mixture.means.map((mean) => mean.map((m, c) => m - (centre[c] ?? 0)));
  const reach = Math.max(...means.map((mean, k) => Math.max(...mean.map(Math.abs)) + REACH * (deviations[k] ?? 0)));
  const scale = extent / reach;
  return {
    weights,
    means: means.map((mean) => mean.map((m) => m * scale)),
    deviations: deviations.map((d) => d * scale),
  };
}
