/**
 * Densities in the plane as mixtures of isotropic Gaussians: p(x) = Σ_k w_k N(x; μ_k, sd_k² I). Blurred by σ they stay mixtures, so that
 * the exact denoiser D(x̄; σ) = E[x0 | x̄], its score and its log-density are known in closed form.
 */
import { philoxNormals, philoxUniforms } from '../../../engine/philox';

export interface Mixture {
  /** [K], positive, of sum 1. */
  readonly weights: Float32Array;
  /** [K, 2] */
  readonly means: Float32Array;
  /** [K], positive. */
  readonly deviations: Float32Array;
}

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
    weights: Float32Array.from(components, ([, , , weight = 1]) => weight / total),
    means: Float32Array.from(components.flatMap(([x, y]) => [x, y])),
    deviations: Float32Array.from(components, ([, , deviation]) => deviation),
  };
}

/** `count` points [count, 2]: a function of seed and stream, the same everywhere. */
export function sampleMixture(
  { weights, means, deviations }: Mixture,
  count: number,
  seed: number,
  stream: string,
): Float32Array {
  const chosen = philoxUniforms(count, seed, `${stream} component`);
  const normals = philoxNormals(2 * count, seed, `${stream} offset`);
  const cumulative = Float64Array.from(weights);
  for (let k = 1; k < cumulative.length; k++) cumulative[k] = (cumulative[k - 1] ?? 0) + (cumulative[k] ?? 0);
  const points = new Float32Array(2 * count);
  for (let i = 0; i < count; i++) {
    const k = firstAbove(cumulative, chosen[i] ?? 0);
    for (let c = 0; c < 2; c++)
      points[2 * i + c] = (means[2 * k + c] ?? 0) + (deviations[k] ?? 0) * (normals[2 * i + c] ?? 0);
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

/** Mean [2] of the density. */
export function mixtureMean({ weights, means }: Mixture): [number, number] {
  let [x, y] = [0, 0];
  weights.forEach((w, k) => {
    x += w * (means[2 * k] ?? 0);
    y += w * (means[2 * k + 1] ?? 0);
  });
  return [x, y];
}

/** σ_data: the standard deviation of a coordinate about the mean, both coordinates pooled. */
export function mixtureDeviation(mixture: Mixture): number {
  const [x, y] = mixtureMean(mixture);
  const { weights, means, deviations } = mixture;
  const squares = weights.reduce((sum, w, k) => {
    const distance = ((means[2 * k] ?? 0) - x) ** 2 + ((means[2 * k + 1] ?? 0) - y) ** 2;
    return sum + w * (distance / 2 + (deviations[k] ?? 0) ** 2);
  }, 0);
  return Math.sqrt(squares);
}

/** A component reaches so many of its deviations. */
const REACH = 3;

/** Moved and scaled so that the mean is 0 and the components reach to ±`extent`. */
export function centred(mixture: Mixture, extent = 1): Mixture {
  const [x, y] = mixtureMean(mixture);
  const { weights, deviations } = mixture;
  const means = mixture.means.map((m, i) => m - (i % 2 === 0 ? x : y));
  const reach = means.reduce((most, m, i) => Math.max(most, Math.abs(m) + REACH * (deviations[i >> 1] ?? 0)), 0);
  const scale = extent / reach;
  return { weights, means: means.map((m) => m * scale), deviations: deviations.map((d) => d * scale) };
}

export interface Denoised {
  /** D(x̄; σ) [2]. */
  readonly mean: readonly [number, number];
  /** log p(x̄; σ). */
  readonly logDensity: number;
}

/**
 * E[x0 | x̄] and log p(x̄; σ): with v_k = sd_k² + σ² and r_k ∝ w_k N(x̄; μ_k, v_k I), D = Σ r_k (sd_k² x̄ + σ² μ_k)/v_k. The score is
 * (D − x̄)/σ².
 */
export function denoise({ weights, means, deviations }: Mixture, x: number, y: number, sigma: number): Denoised {
  const logs = Float64Array.from(weights, (w, k) => {
    const v = (deviations[k] ?? 0) ** 2 + sigma * sigma;
    const distance = (x - (means[2 * k] ?? 0)) ** 2 + (y - (means[2 * k + 1] ?? 0)) ** 2;
    return Math.log(w) - Math.log(2 * Math.PI * v) - distance / (2 * v);
  });
  const largest = logs.reduce((a, b) => Math.max(a, b), -Infinity);
  let [total, dx, dy] = [0, 0, 0];
  logs.forEach((log, k) => {
    const r = Math.exp(log - largest);
    const s2 = (deviations[k] ?? 0) ** 2;
    const v = s2 + sigma * sigma;
    total += r;
    dx += (r * (s2 * x + sigma * sigma * (means[2 * k] ?? 0))) / v;
    dy += (r * (s2 * y + sigma * sigma * (means[2 * k + 1] ?? 0))) / v;
  });
  return { mean: [dx / total, dy / total], logDensity: largest + Math.log(total) };
}
