/** What a network of images is told beside the image: the noise level, and the class where there are classes. */
import { gatherRows } from '../../engine/ops/gather';
import { add, silu, where } from '../../engine/ops/pointwise';
import { reshape } from '../../engine/ops/reshape';
import type { Tensor } from '../../engine/tensor';
import { normal } from '../../nn/initialisers';
import { linear } from '../../nn/layers';
import type { ParameterSource } from '../../nn/parameters';
import { noiseFeatures } from './noiseFeatures';

/** What an image is conditioned on. */
export interface ClassCondition {
  /** u32 [B] */
  readonly labels: Tensor;
  /** [B], 1 = take the row of no class: dropped in training, and the unconditional half of guidance. */
  readonly dropped: Tensor;
}

export interface EmbeddingShape {
  /** Numbers of the embedding, E. */
  readonly width: number;
  /** Classes to condition on; 0 for none. One row more stands for "no class". */
  readonly classes: number;
}

const CLASS_DEVIATION = 0.02;

/** silu(MLP(c_noise) + row of the class): label [B], span: what the label is divided by → [B, E]. Throws without classes it needs. */
export function embedding(
  p: ParameterSource,
  shape: EmbeddingShape,
  label: Tensor,
  span: number,
  condition?: ClassCondition,
): Tensor {
  const { width, classes } = shape;
  const hidden = silu(linear(p, 'noise.fc1', noiseFeatures(label, span), width));
  const told = () => linear(p, 'noise.fc2', hidden, width);
  if (classes === 0) return silu(told());
  if (!condition) throw new Error(`network of images: it knows ${classes} classes; give labels [B] and dropped [B]`);
  const table = p.create('classes', [classes, width], normal(CLASS_DEVIATION), { decay: false });
  const none = p.create('noClass', [1, width], normal(CLASS_DEVIATION), { decay: false });
  const dropped = reshape(condition.dropped, [label.shape[0] ?? 1, 1]);
  // Made before the product, the row joins its epilogue: a dispatch less.
  const row = where(dropped, none, gatherRows(table, condition.labels));
  return silu(add(told(), row));
}
