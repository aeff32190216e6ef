/** What all five networks are made of: shared perceptrons over points, dropout, and a look inside. */
import { less, maximum, affine, mul, relu } from '../../engine/ops/pointwise';
import { matmul } from '../../engine/ops/matmul';
import { randomUniform } from '../../engine/ops/random';
import { reshape } from '../../engine/ops/reshape';
import { sizeOf, type Tensor } from '../../engine/tensor';
import { heNormal } from '../../nn/initialisers';
import { batchNorm, type NormMode } from '../../nn/normalisation';
import type { ParameterSource } from '../../nn/parameters';

export interface Chance {
  /** u32 [] each. */
  readonly seed: Tensor;
  readonly step: Tensor;
}

/** What a network is built with. */
export interface Layers {
  readonly p: ParameterSource;
  /** In training by the batch's own statistics, otherwise by the running ones. */
  readonly mode: NormMode;
  /** Chance of the dropout; none outside of training. */
  readonly chance?: Chance;
  /** Sees tensors on the way by name: views. */
  readonly tap?: (name: string, tensor: Tensor) => void;
}

/** x·W without a bias: x [..., C] → [..., out]. All leading axes are rows of one product. */
export function product({ p }: Layers, name: string, x: Tensor, out: number): Tensor {
  const channels = x.shape.at(-1) ?? 1;
  const weight = p.create(`${name}.weight`, [channels, out], heNormal);
  return reshape(matmul(reshape(x, [sizeOf(x.shape) / channels, channels]), weight), [...x.shape.slice(0, -1), out]);
}

/** Batch norm over all axes but the last. */
export function norm({ p, mode }: Layers, name: string, x: Tensor): Tensor {
  const channels = x.shape.at(-1) ?? 1;
  const rows = reshape(x, [sizeOf(x.shape) / channels, channels]);
  return reshape(batchNorm(p, name, rows, mode, { axis: -1 }), x.shape);
}

/** ReLU(BN(x·W)): x [..., C] → [..., out]; the norm takes any bias away. */
export function dense(l: Layers, name: string, x: Tensor, out: number): Tensor {
  return relu(norm(l, `${name}.norm`, product(l, name, x, out)));
}

/** The same perceptron for every point: x [..., C] → [..., last width]. */
export function sharedMlp(l: Layers, name: string, x: Tensor, widths: readonly number[]): Tensor {
  return widths.reduce((y, width, i) => dense(l, `${name}.${i}`, y, width), x);
}

/** max(x, slope·x), 0 < slope < 1. */
export function leakyRelu(x: Tensor, slope: number): Tensor {
  return maximum(x, affine(x, slope, 0));
}

/** Leaves out a share of the numbers in training and scales the others up (Srivastava et al. 2014). */
export function dropout({ chance, mode }: Layers, name: string, x: Tensor, share: number): Tensor {
  if (!mode.training || !chance || share <= 0) return x;
  const kept = less(randomUniform(chance.seed, chance.step, x.shape, `dropout ${name}`), 1 - share);
  return mul(x, affine(kept, 1 / (1 - share), 0));
}
