/**
 * Masked autoencoder (He et al. 2021, "Masked Autoencoders Are Scalable Vision Learners"; facebookresearch/mae), in the paper's terms.
 *
 * B images, L patches each of P = p²·C numbers, K = int(L·(1 − r)) of them visible; D encoder width, d decoder width; c = 1 with a
 * class token, else 0.
 */
import { concat } from '../../engine/ops/concat';
import { gatherRows } from '../../engine/ops/gather';
import {
  add,
  affine,
  broadcastTo,
  greater,
  mul,
  sqrt,
  square,
  sub,
  toFloat,
  where,
  div,
} from '../../engine/ops/pointwise';
import { mean, sum } from '../../engine/ops/reduce';
import { reshape } from '../../engine/ops/reshape';
import { unshuffle } from '../../engine/ops/unshuffle';
import { slice } from '../../engine/ops/slice';
import { constant } from '../../engine/state';
import type { Tensor } from '../../engine/tensor';
import { normal } from '../../nn/initialisers';
import { layerNorm, linear, transformerBlock, type AttentionOptions } from '../../nn/layers';
import type { ParameterSource } from '../../nn/parameters';
import { sinCosPositions2d } from '../../nn/positions';

export interface MaeShape {
  readonly channels: number;
  /** Side of the image and of a patch, in pixels. */
  readonly size: number;
  readonly patch: number;
  readonly width: number;
  readonly depth: number;
  readonly heads: number;
  readonly decoderWidth: number;
  readonly decoderDepth: number;
  readonly decoderHeads: number;
  readonly classToken: boolean;
  /** Mask tokens pass through the encoder too: the symmetric design that the paper compares with. */
  readonly symmetric: boolean;
}

/** Token and class token start at N(0, 0.02²). */
export const TOKEN_DEVIATION = 0.02;

export function patchCount({ size, patch }: MaeShape): number {
  return (size / patch) ** 2;
}

export function patchLength({ channels, patch }: MaeShape): number {
  return patch * patch * channels;
}

/** Visible patches at a mask ratio: int(L·(1 − r)), as the paper's code has it, at least one. */
export function visibleCount(patches: number, ratio: number): number {
  // 0.75 and the like are exact; 0.9 is not: 1 − 0.9 = 0.09999… and int() would lose a patch.
  return Math.max(1, Math.floor(patches * (1 - ratio) + 1e-9));
}

export function positions(shape: MaeShape, width: number): Tensor {
  const grid = shape.size / shape.patch;
  return constant(sinCosPositions2d(width, grid, false), [grid * grid, width]);
}

/** [cls + PE₀; x] with PE₀ = 0: x [B, N, D] → [B, N + 1, D]. */
function withClassToken(p: ParameterSource, x: Tensor): Tensor {
  const [batch = 1, , width = 1] = x.shape;
  const token = p.create('classToken', [1, 1, width], normal(TOKEN_DEVIATION), { decay: false });
  return concat([broadcastTo(token, [batch, 1, width]), x], 1);
}

/** Encoder over visible patches only: patches [B, L, P], idsKeep u32 [B, K] → z [B, K + c, D]. */
export function encodeVisible(p: ParameterSource, shape: MaeShape, patches: Tensor, idsKeep: Tensor): Tensor {
  const visible = gatherRows(patches, idsKeep); // [B, K, P]
  const embedded = add(
    linear(p, 'patchEmbed', visible, shape.width),
    gatherRows(positions(shape, shape.width), idsKeep),
  ); // [B, K, D]
  return encoderTrunk(p, shape, embedded);
}

/** The symmetric design: all L positions, removed ones as mask tokens. mask [B, L], 1 = removed → z [B, L + c, D]. */
export function encodeWithMaskTokens(
  p: ParameterSource,
  shape: MaeShape,
  patches: Tensor,
  mask: Tensor,
  attending: TrunkAttention = {},
): Tensor {
  const [batch = 1, count = 1] = patches.shape;
  const embedded = linear(p, 'patchEmbed', patches, shape.width); // [B, L, D]
  const token = p.create('encoder.maskToken', [1, 1, shape.width], normal(TOKEN_DEVIATION), { decay: false });
  const shown = where(reshape(mask, [batch, count, 1]), token, embedded);
  return encoderTrunk(p, shape, add(shown, positions(shape, shape.width)), attending);
}

type TrunkAttention = Pick<AttentionOptions, 'keyMask' | 'tap'>;

/** Blocks and final norm, over tokens [B, N, D] that carry their positions. */
export function encoderTrunk(
  p: ParameterSource,
  shape: MaeShape,
  tokens: Tensor,
  attending: TrunkAttention = {},
): Tensor {
  let x = shape.classToken ? withClassToken(p, tokens) : tokens;
  for (let i = 0; i < shape.depth; i++)
    x = transformerBlock(p, `encoder.${i}`, x, { heads: shape.heads, ...attending });
  return layerNorm(p, 'encoder.norm', x);
}

/** Decoder: z [B, K + c, D] with idsRestore u32 [B, L] → ŷ [B, L, P]. Mask tokens fill the removed places; own positions. */
export function decode(p: ParameterSource, shape: MaeShape, z: Tensor, idsRestore: Tensor): Tensor {
  const embedded = linear(p, 'decoder.embed', z, shape.decoderWidth); // [B, K + c, d]
  const token = p.create('decoder.maskToken', [1, 1, shape.decoderWidth], normal(TOKEN_DEVIATION), { decay: false });
  const [cls, visible] = splitClassToken(shape, embedded);
  const full = unshuffle(visible, reshape(token, [shape.decoderWidth]), idsRestore); // [B, L, d]
  return decoderTrunk(p, shape, cls, full);
}

/** Decoder of the symmetric design: every place has a token from the encoder already. */
export function decodeAll(p: ParameterSource, shape: MaeShape, z: Tensor): Tensor {
  const [cls, all] = splitClassToken(shape, linear(p, 'decoder.embed', z, shape.decoderWidth));
  return decoderTrunk(p, shape, cls, all);
}

export function decoderTrunk(p: ParameterSource, shape: MaeShape, cls: Tensor | undefined, tokens: Tensor): Tensor {
  const placed = add(tokens, positions(shape, shape.decoderWidth));
  let x = cls ? concat([cls, placed], 1) : placed; // [B, L + c, d]
  for (let i = 0; i < shape.decoderDepth; i++) {
    x = transformerBlock(p, `decoder.${i}`, x, { heads: shape.decoderHeads });
  }
  const predicted = linear(p, 'decoder.head', layerNorm(p, 'decoder.norm', x), patchLength(shape));
  return splitClassToken(shape, predicted)[1];
}

export function splitClassToken(shape: MaeShape, x: Tensor): [Tensor | undefined, Tensor] {
  const [batch = 1, rows = 1, width = 1] = x.shape;
  if (!shape.classToken) return [undefined, x];
  return [slice(x, [0, 0, 0], [batch, 1, width]), slice(x, [0, 1, 0], [batch, rows - 1, width])];
}

/** Target of a patch: its pixels, or (y − mean)/√(var + ε) over its own P numbers, var with n − 1. y [B, L, P]. */
export function patchTarget(patches: Tensor, normalised: boolean, epsilon: number): Tensor {
  if (!normalised) return patches;
  const length = patches.shape.at(-1) ?? 1;
  const centred = sub(patches, mean(patches, [-1], { keepDims: true }));
  // A patch of one number has no variance: 0/0 in the paper's formula, 0 here.
  const variance = affine(sum(square(centred), [-1], { keepDims: true }), 1 / Math.max(1, length - 1), 0);
  return div(centred, sqrt(affine(variance, 1, epsilon)));
}

/** mask [B, L] (1 = removed) from ranks u32 [B, L]: the K smallest keys stay. */
export function maskFromRanks(ranks: Tensor, visible: number): Tensor {
  return greater(toFloat(ranks), visible - 0.5);
}

/** L = Σ mask · mean_P (ŷ − y)² / Σ mask: removed patches only; Σ mask = B·(L − K) is known. All-visible gives 0. */
export function maskedLoss(predicted: Tensor, target: Tensor, mask: Tensor, removed: number): Tensor {
  const length = predicted.shape.at(-1) ?? 1;
  const perPatch = sum(square(sub(predicted, target)), [-1]); // [B, L]
  return affine(sum(mul(perPatch, mask)), 1 / (Math.max(1, removed) * length), 0);
}

/** Per-patch mean squared error [B, L]. */
export function patchErrors(predicted: Tensor, target: Tensor): Tensor {
  return mean(square(sub(predicted, target)), [-1]);
}

/** Multiply-accumulates of a trunk: depth · (N·12·D² + 2·N²·D). */
export function trunkMacs(tokens: number, width: number, depth: number): number {
  return depth * (tokens * 12 * width * width + 2 * tokens * tokens * width);
}
