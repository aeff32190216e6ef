/** The ideal denoiser of a known density as a graph: what a perfectly trained network would say. */
import { add, affine, div, exp, log, mul, square, sub } from '../../engine/ops/pointwise';
import { max, sum } from '../../engine/ops/reduce';
import { matmul } from '../../engine/ops/matmul';
import { slice } from '../../engine/ops/slice';
import { constant } from '../../engine/state';
import type { Tensor } from '../../engine/tensor';
import type { Mixture } from './process/mixture';

/**
 * D = E[x₀ | x] at x = α x₀ + β ε: x [B, 2], level [B, 2] = (α, β) → [B, 2]. With v_k = α² sd_k² + β² and r_k ∝ w_k N(x; α μ_k, v_k I),
 * D = Σ r_k (α sd_k² x + β² μ_k)/v_k.
 */
export function exactDenoiser({ weights, means, deviations }: Mixture, x: Tensor, level: Tensor): Tensor {
  const [batch = 1] = x.shape;
  const count = weights.length;
  const column = (of: Tensor, c: number) => slice(of, [0, c], [batch, 1]);
  const row = (values: readonly number[]) => constant(values, [1, count]);
  const [signal, noise2] = [column(level, 0), square(column(level, 1))];
  const variance = row(deviations.map((d) => d * d)); // sd²
  const v = add(mul(square(signal), variance), noise2); // [B, K]
  const offset = (c: number) => sub(column(x, c), mul(signal, row(means.map((m) => m[c] ?? 0))));
  const distance = add(square(offset(0)), square(offset(1)));
  const logits = sub(sub(row(weights.map(Math.log)), log(v)), affine(div(distance, v), 0.5, 0));
  const shares = exp(sub(logits, max(logits, [1], { keepDims: true })));
  const perVariance = div(div(shares, sum(shares, [1], { keepDims: true })), v); // r/v
  const ofState = mul(signal, sum(mul(perVariance, variance), [1], { keepDims: true }));
  const ofMeans = matmul(perVariance, constant(means.flat(), [count, 2]));
  return add(mul(x, ofState), mul(noise2, ofMeans));
}
