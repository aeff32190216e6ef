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
