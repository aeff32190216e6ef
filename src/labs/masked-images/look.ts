/**
 * The model looked at from outside: any set of patches hidden per image, drawn by hand as well. All patches pass through the encoder,
 * and attention hides the removed ones by a key mask: the same numbers as encoding the visible ones only (every other layer works
 * token by token), but the plan does not depend on how many are hidden.
 */
import { concat } from '../../engine/ops/concat';
import { add, affine, div, full, maximum, mul, where } from '../../engine/ops/pointwise';
import { sum } from '../../engine/ops/reduce';
import { reshape } from '../../engine/ops/reshape';
import type { Tensor } from '../../engine/tensor';
import { normal } from '../../nn/initialisers';
import { linear } from '../../nn/layers';
import type { ParameterSource } from '../../nn/parameters';
import {
  decodeAll,
  decoderTrunk,
  encoderTrunk,
  encodeWithMaskTokens,
  positions,
  splitClassToken,
  TOKEN_DEVIATION,
  type MaeShape,
} from './mae';

/** Encoder features z [B, L + c, D] of patches [B, L, P] with hidden [B, L] (1 = hidden); rows of hidden patches mean nothing. */
export function encodeShown(
  p: ParameterSource,
  shape: MaeShape,
  patches: Tensor,
  hidden: Tensor,
  tap?: (qkv: Tensor) => void,
): Tensor {
  if (shape.symmetric) return encodeWithMaskTokens(p, shape, patches, hidden, { ...(tap && { tap }) });
  const keyMask = shownKeys(shape, hidden);
  const tokens = add(linear(p, 'patchEmbed', patches, shape.width), positions(shape, shape.width));
  return encoderTrunk(p, shape, tokens, { keyMask, ...(tap && { tap }) });
}

/** What attention may see [B, L + c]: the class token and what is not hidden. */
export function shownKeys(shape: MaeShape, hidden: Tensor): Tensor {
  const [batch = 1] = hidden.shape;
  const shown = affine(hidden, -1, 1);
  return shape.classToken ? concat([full([batch, 1], 1), shown], 1) : shown;
}

/** ŷ [B, L, P] from z and hidden [B, L]. */
export function decodeShown(p: ParameterSource, shape: MaeShape, z: Tensor, hidden: Tensor): Tensor {
  if (shape.symmetric) return decodeAll(p, shape, z);
  const [batch = 1, count = 1] = hidden.shape;
  const embedded = linear(p, 'decoder.embed', z, shape.decoderWidth);
  const token = p.create('decoder.maskToken', [1, 1, shape.decoderWidth], normal(TOKEN_DEVIATION), { decay: false });
  const [cls, rest] = splitClassToken(shape, embedded);
  return decoderTrunk(p, shape, cls, where(reshape(hidden, [batch, count, 1]), token, rest));
}

/** Mean of the visible patches' features [B, D]: what probes read. */
export function pooled(shape: MaeShape, z: Tensor, hidden: Tensor): Tensor {
  const [, rest] = splitClassToken(shape, z);
  const [batch = 1, count = 1, width = 1] = rest.shape;
  const shown = reshape(affine(hidden, -1, 1), [batch, count, 1]);
  const total = sum(mul(rest, shown), [1]); // [B, D]
  return reshape(div(total, maximum(sum(shown, [1]), 1)), [batch, width]);
}
