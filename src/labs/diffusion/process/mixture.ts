/** Isotropic Gaussian mixtures in float64: their exact denoiser, score and density when blurred by noise. */

export interface Mixture {
  readonly weights: readonly number[];
  readonly means: readonly (readonly number[])[];
  readonly deviations: readonly number[];
}

/**
 * At x = signal·x₀ + noise·ε: D = E[x₀ | x] = Σ r_k (α sd_k² x + β² μ_k)/v_k with v_k = α² sd_k² + β², r_k ∝ w_k N(x; α μ_k, v_k I), and
 * the log density of x. Holds at signal 0 too.
 */
export function mixtureDenoiser(
  { weights, means, deviations }: Mixture,
  x: readonly number[],
  { signal, noise }: { readonly signal: number; readonly noise: number },
): { denoised: number[]; logDensity: number } {
  const parts = means.map((mean, k) => {
    const variance = (signal * (deviations[k] ?? 0)) ** 2 + noise ** 2;
    const squared = x.reduce((sum, v, i) => sum + (v - signal * (mean[i] ?? 0)) ** 2, 0);
    const logWeight =
      Math.log(weights[k] ?? 0) - squared / (2 * variance) - (x.length / 2) * Math.log(2 * Math.PI * variance);
    const point = x.map((v, i) => (signal * (deviations[k] ?? 0) ** 2 * v + noise ** 2 * (mean[i] ?? 0)) / variance);
    return { logWeight, point };
  });
  const largest = Math.max(...parts.map((p) => p.logWeight));
  const shares = parts.map((p) => Math.exp(p.logWeight - largest));
  const total = shares.reduce((a, b) => a + b, 0);
  const denoised = x.map((_, i) =>
    parts.reduce((sum, p, k) => sum + ((shares[k] ?? 0) / total) * (p.point[i] ?? 0), 0),
  );
  return { denoised, logDensity: largest + Math.log(total) };
}

/** Score of the unscaled state x̄ at σ: (D − x̄)/σ² (Tweedie). */
export function mixtureScore(mixture: Mixture, x: readonly number[], sigma: number): number[] {
  const { denoised } = mixtureDenoiser(mixture, x, { signal: 1, noise: sigma });
  return denoised.map((d, i) => (d - (x[i] ?? 0)) / sigma ** 2);
}

/** Log density of a mixture in the plane blurred by σ, at the middles of `cells`² cells of −reach … reach, row by row from the lowest y. */
export function logDensityGrid(
  { weights, means, deviations }: Mixture,
  sigma: number,
  cells: number,
  reach: number,
): Float32Array {
  const variance = Float64Array.from(deviations, (sd) => sd ** 2 + sigma ** 2);
  const scale = Float64Array.from(weights, (w, k) => Math.log(w) - Math.log(2 * Math.PI * (variance[k] ?? 1)));
  const [xs, ys] = [0, 1].map((axis) => Float64Array.from(means, (mean) => mean[axis] ?? 0));
  const at = (i: number) => ((2 * i + 1) / cells - 1) * reach;
  const terms = new Float64Array(weights.length);
  return Float32Array.from({ length: cells * cells }, (_, cell) => {
    const [x, y] = [at(cell % cells), at(Math.floor(cell / cells))];
    let largest = -Infinity;
    for (let k = 0; k < terms.length; k++) {
      const squared = (x - (xs?.[k] ?? 0)) ** 2 + (y - (ys?.[k] ?? 0)) ** 2;
      const term = (scale[k] ?? 0) - squared / (2 * (variance[k] ?? 1));
      terms[k] = term;
      if (term > largest) largest = term;
    }
    let sum = 0;
    for (const term of terms) sum += Math.exp(term - largest);
    return largest + Math.log(sum);
  });
}
