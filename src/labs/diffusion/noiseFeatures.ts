import { affine, add, mul, sin } from '../../engine/ops/pointwise';
import { reshape } from '../../engine/ops/reshape';
import { constant } from '../../engine/state';
import type { Tensor } from '../../engine/tensor';

/** Frequencies of the noise label's features, and how many numbers these are. */
const FREQUENCIES = 16;
export const NOISE_FEATURES = 2 * FREQUENCIES;
const [LOWEST, HIGHEST] = [Math.PI / 4, 8 * Math.PI];

/** ω_k from π/4 to 8π geometrically, once for the cosines and once for the sines, and the phases that make cosines of sines. */
export function noiseFrequencies(): { omega: number[]; phase: number[] } {
  const omega = Array.from({ length: FREQUENCIES }, (_, k) => LOWEST * (HIGHEST / LOWEST) ** (k / (FREQUENCIES - 1)));
  const phase = (value: number) => omega.map(() => value);
  return { omega: [...omega, ...omega], phase: [...phase(Math.PI / 2), ...phase(0)] };
}

/**
 * Fourier features of the noise label: c_noise [B] → [B, 32], cos(ω_k c) and sin(ω_k c) with c = c_noise/span. Each framework counts
 * noise in its own unit (0…999, ¼ ln σ, t); `span` brings it to about −1…1.
 */
export function noiseFeatures(label: Tensor, span: number): Tensor {
  const { omega, phase } = noiseFrequencies();
  const column = reshape(affine(label, 1 / span, 0), [label.shape[0] ?? 1, 1]);
  return sin(add(mul(column, constant(omega, [1, NOISE_FEATURES])), constant(phase, [1, NOISE_FEATURES])));
}
