/** Convolution layers as functions: parameters by name in a set, tensors in, tensors out. */
import { conv as convOp, type ConvOptions } from '../engine/ops/conv';
import { add } from '../engine/ops/pointwise';
import { reshape } from '../engine/ops/reshape';
import type { Shape, Tensor } from '../engine/tensor';
import { heNormal, zeros, type Initialiser } from './initialisers';
import type { ParameterSource } from './parameters';

export interface ConvLayerOptions extends ConvOptions {
  /** Window, a number for all axes or one for each. */
  readonly kernel: number | Shape;
  /** Leave it out before a batch norm, which takes any shift away. */
  readonly bias?: boolean;
  readonly init?: Initialiser;
}

/**
 * x [B, C, ...] → [B, out, ...] over one to three spatial axes; weight [kernel..., C/groups, out], a bias [out] unless `bias` is false.
 * He initialisation. Throws ShapeError.
 */
export function convolution(
  p: ParameterSource,
  name: string,
  x: Tensor,
  out: number,
  options: ConvLayerOptions,
): Tensor {
  const { kernel, bias = true, init = heNormal, ...rest } = options;
  const axes = x.shape.length - 2;
  const window = typeof kernel === 'object' ? kernel : new Array<number>(Math.max(1, axes)).fill(kernel);
  const channels = (x.shape[1] ?? 1) / (rest.groups ?? 1);
  const y = convOp(x, p.create(`${name}.weight`, [...window, channels, out], init), rest);
  if (!bias) return y;
  return add(y, reshape(p.create(`${name}.bias`, [out], zeros), [out, ...window.map(() => 1)]));
}
