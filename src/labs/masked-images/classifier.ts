/**
 * A classifier on the masked autoencoder's encoder, as the paper fine-tunes it: all patches pass, none hidden; their features are
 * averaged, normalised and read by a linear layer (facebookresearch/mae, main_finetune.py, global pooling).
 */
import { add } from '../../engine/ops/pointwise';
import { mean } from '../../engine/ops/reduce';
import type { Tensor } from '../../engine/tensor';
import { normal } from '../../nn/initialisers';
import { layerNorm, linear } from '../../nn/layers';
import type { ParameterSource } from '../../nn/parameters';
import { encoderTrunk, positions, splitClassToken, type MaeShape } from './mae';

/** The head starts this close to zero: every class is as likely as another. */
const HEAD_DEVIATION = 2e-5;

/** Logits [B, classes] of patches [B, L, P]. */
export function classify(p: ParameterSource, shape: MaeShape, patches: Tensor, classes: number): Tensor {
  const embedded = add(linear(p, 'patchEmbed', patches, shape.width), positions(shape, shape.width)); // [B, L, D]
  const [, tokens] = splitClassToken(shape, encoderTrunk(p, shape, embedded));
  const features = layerNorm(p, 'head.norm', mean(tokens, [1])); // [B, D]
  return linear(p, 'head', features, classes, normal(HEAD_DEVIATION));
}

/**
 * Layer-wise decay of the learning rate: with n blocks λ^(n+1) for the patch embedding and class token, λ^(n−i) for block i, 1 for
 * the head (Bao et al. 2022; He et al. 2021, table 9).
 */
export function layerRate(name: string, depth: number, decay: number): number {
  if (name.startsWith('patchEmbed') || name === 'classToken') return decay ** (depth + 1);
  const block = /^encoder\.(\d+)\./.exec(name)?.[1];
  return block === undefined ? 1 : decay ** (depth - Number(block));
}

/** A source whose parameters learn at their layer's rate. */
export function withLayerRates(source: ParameterSource, depth: number, decay: number): ParameterSource {
  return {
    create: (name, shape, init, options) =>
      source.create(name, shape, init, { ...options, lrScale: layerRate(name, depth, decay) }),
  };
}
