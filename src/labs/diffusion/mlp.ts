/** The network F of 2-D data: a perceptron of SiLU layers over the point and the features of its noise level. */
import { concat } from '../../engine/ops/concat';
import { silu } from '../../engine/ops/pointwise';
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
  let h = concat([x, noiseFeatures(label, span)], 1);
  for (let i = 0; i < depth; i++) h = silu(linear(p, `hidden.${i}`, h, width)); // [B, width]
  return linear(p, 'out', h, inputs, zeros);
}
