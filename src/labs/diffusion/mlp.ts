/** The network F of 2-D data: a perceptron of SiLU layers over the point and the features of its noise level. */
import { concat } from '../../engine/ops/concat';
import { add, mul, silu, sin } from '../../engine/ops/pointwise';
import { reshape } from '../../engine/ops/reshape';
import { constant } from '../../engine/state';
import type { Tensor } from '../../engine/tensor';
import { zeros } from '../../nn/initialisers';
import { linear } from '../../nn/layers';
import type { ParameterSource } from '../../nn/parameters';
import { noiseFeatures } from './noiseFeatures';

export interface MlpShape {
  readonly kind: 'mlp';
  /** Numbers of a point: 2 in the plane. */
  readonly inputs: number;
  readonly width: number;
  /** Hidden layers. */
  readonly depth: number;
}

/** Frequencies of a coordinate's sines and cosines, in units of π. */
const PLACE_FREQUENCIES = [0.5, 1, 2] as const;

/**
 * Fourier features of the scaled point: x [B, inputs] → [B, inputs·6], cos(π f x) and sin(π f x). Without them the perceptron does not
 * learn what is left of a symmetric density once c_skip has taken the linear part (on the ring of eight: nothing in 2,000 steps).
 */
function placeFeatures(x: Tensor): Tensor {
  const [batch = 1, inputs = 1] = x.shape;
  const { omega, phase } = placeFrequencies();
  const count = omega.length;
  const angles = mul(reshape(x, [batch, inputs, 1]), constant(omega, [1, 1, count]));
  return reshape(sin(add(angles, constant(phase, [1, 1, count]))), [batch, inputs * count]);
}

/** Cosines first, by their phase. */
export function placeFrequencies(): { omega: number[]; phase: number[] } {
  const omega = PLACE_FREQUENCIES.map((f) => f * Math.PI);
  return { omega: [...omega, ...omega], phase: [...omega.map(() => Math.PI / 2), ...omega.map(() => 0)] };
}

/**
 * F(x; c_noise): x [B, inputs], label [B] → [B, inputs]. The last layer starts at zero, as EDM's networks do: at first D = c_skip x̄.
 */
export function mlp(
  p: ParameterSource,
  { inputs, width, depth }: MlpShape,
  x: Tensor,
  label: Tensor,
  span: number,
): Tensor {
  let h = concat([x, placeFeatures(x), noiseFeatures(label, span)], 1);
  for (let i = 0; i < depth; i++) h = silu(linear(p, `hidden.${i}`, h, width)); // [B, width]
  return linear(p, 'out', h, inputs, zeros);
}
