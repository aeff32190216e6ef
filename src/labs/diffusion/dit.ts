/**
 * The network F of images: a small diffusion transformer (Peebles & Xie 2023, "Scalable Diffusion Models with Transformers") with
 * adaLN-Zero. One modulation serves all blocks, as in PixArt-α (Chen et al. 2023); what differs from block to block is in the scale and
 * shift of the block's own norms. That keeps a network evaluation to few dispatches.
 *
 * B images, L patches each of P = p²·C numbers, D the width.
 */
import { patchify, unpatchify } from '../../engine/ops/patchify';
import { add, affine, mul } from '../../engine/ops/pointwise';
import { reshape } from '../../engine/ops/reshape';
import { slice } from '../../engine/ops/slice';
import { constant } from '../../engine/state';
import type { Tensor } from '../../engine/tensor';
import { zeros } from '../../nn/initialisers';
import { layerNorm, linear, mlp, selfAttention } from '../../nn/layers';
import type { ParameterSource } from '../../nn/parameters';
import { sinCosPositions2d } from '../../nn/positions';
import { embedding, type ClassCondition } from './embedding';

export interface DitShape {
  readonly kind: 'dit';
  readonly channels: number;
  /** Side of the image and of a patch, in pixels. */
  readonly size: number;
  readonly patch: number;
  readonly width: number;
  readonly depth: number;
  readonly heads: number;
  /** Classes to condition on; 0 for none. One row more stands for "no class". */
  readonly classes: number;
}

/** Shift, scale and gate of attention, the same of the MLP, shift and scale before the head. */
const PARTS = 8;

/** F(x; c_noise, class): x [B, C, S, S], label [B] → [B, C, S, S]. `tap` sees the tokens [B, L, D] after half of the blocks. */
export function dit(
  p: ParameterSource,
  shape: DitShape,
  x: Tensor,
  label: Tensor,
  span: number,
  condition?: ClassCondition,
  tap?: (tokens: Tensor) => void,
): Tensor {
  const { width, depth, patch, channels } = shape;
  const grid = shape.size / patch;
  const place = constant(sinCosPositions2d(width, grid, false), [grid * grid, width]);
  let tokens = add(linear(p, 'patchEmbed', patchify(x, patch), width), place); // [B, L, D]
  const parts = modulation(p, shape, label, span, condition);
  for (let i = 0; i < depth; i++) {
    tokens = block(p, `block.${i}`, tokens, shape.heads, parts);
    if (i === Math.ceil(depth / 2) - 1) tap?.(tokens);
  }
  const [shift, scale] = parts.slice(6);
  const last = modulated(layerNorm(p, 'head.norm', tokens), shift, scale);
  return unpatchify(linear(p, 'head', last, patch * patch * channels, zeros), patch, channels);
}

/** Eight tensors [B, 1, D] from noise level and class; all start at 0: each block starts as the identity. */
function modulation(
  p: ParameterSource,
  shape: DitShape,
  label: Tensor,
  span: number,
  condition: ClassCondition | undefined,
): Tensor[] {
  const { width } = shape;
  const batch = label.shape[0] ?? 1;
  const embedded = embedding(p, shape, label, span, condition); // [B, D]
  const all = reshape(linear(p, 'modulation', embedded, PARTS * width, zeros), [batch, PARTS, width]);
  return Array.from({ length: PARTS }, (_, k) => slice(all, [0, k, 0], [batch, 1, width]));
}

/** x·(1 + scale) + shift. */
function modulated(x: Tensor, shift: Tensor | undefined, scale: Tensor | undefined): Tensor {
  if (!shift || !scale) throw new Error('diffusion transformer: a part of the modulation is missing');
  return add(mul(x, affine(scale, 1, 1)), shift);
}

/** x ← x + gate₁·Attn(mod₁(LN x)); x ← x + gate₂·MLP(mod₂(LN x)). */
function block(p: ParameterSource, name: string, x: Tensor, heads: number, parts: readonly Tensor[]): Tensor {
  const [shift1, scale1, gate1, shift2, scale2, gate2] = parts;
  if (!gate1 || !gate2) throw new Error('diffusion transformer: a part of the modulation is missing');
  const width = x.shape.at(-1) ?? 1;
  const attended = selfAttention(p, name, modulated(layerNorm(p, `${name}.norm1`, x), shift1, scale1), { heads });
  const y = add(x, mul(gate1, attended));
  const thought = mlp(p, name, modulated(layerNorm(p, `${name}.norm2`, y), shift2, scale2), 4 * width);
  return add(y, mul(gate2, thought));
}
