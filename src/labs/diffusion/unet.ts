/**
 * The network F of images as a small U-Net (Ronneberger et al. 2015) of residual blocks, as DDPM (Ho et al. 2020) has it, with scale and
 * shift by noise level and class as in ADM (Dhariwal & Nichol 2021) and EDM. Smaller than theirs: one skip for each level and not for each
 * block, and no blocks in the middle beside those of the lowest level, so that a network evaluation stays within few dispatches.
 *
 * B images, E the width of the embedding, C_i channels at level i: C, 2C, 2C, …; a side of s pixels is ⌈s/2⌉ one level below.
 */
import { attention } from '../../engine/ops/attention';
import { concat } from '../../engine/ops/concat';
import { groupNormWhole } from '../../engine/ops/groupNorm';
import { matmul } from '../../engine/ops/matmul';
import { add, affine, mul, silu } from '../../engine/ops/pointwise';
import { reshape } from '../../engine/ops/reshape';
import { slice } from '../../engine/ops/slice';
import { upsampleNearest } from '../../engine/ops/upsample';
import type { Tensor } from '../../engine/tensor';
import { convolution } from '../../nn/convolution';
import { lecunNormal, ones, xavierParts, xavierUniform, zeros } from '../../nn/initialisers';
import { linear } from '../../nn/layers';
import type { ParameterSource } from '../../nn/parameters';
import { embedding, type ClassCondition } from './embedding';

export interface UnetShape {
  readonly kind: 'unet';
  readonly channels: number;
  /** Side of the image in pixels. */
  readonly size: number;
  /** C, the channels at full size. */
  readonly width: number;
  /** Sizes that the image is seen at, each half the one before. */
  readonly levels: number;
  /** Residual blocks of a level on the way down, and as many on the way up. */
  readonly blocks: number;
  /** Whether the lowest level attends to itself. */
  readonly attention: boolean;
  /** Classes to condition on; 0 for none. One row more stands for "no class". */
  readonly classes: number;
}

const WINDOW = { kernel: 3, padding: 1 } as const;

/** C_i. */
export function levelWidth({ width }: Pick<UnetShape, 'width'>, level: number): number {
  return level === 0 ? width : 2 * width;
}

/** E = 4C, as in DDPM. */
export function embeddingWidth({ width }: Pick<UnetShape, 'width'>): number {
  return 4 * width;
}

/** Groups of a norm: 32 at most, of four channels or more (EDM). */
export function groupsOf(channels: number): number {
  let groups = Math.max(1, Math.min(32, Math.floor(channels / 4)));
  while (channels % groups !== 0) groups--;
  return groups;
}

/** F(x; c_noise, class): x [B, C, S, S], label [B] → [B, C, S, S]. */
export function unet(
  p: ParameterSource,
  shape: UnetShape,
  x: Tensor,
  label: Tensor,
  span: number,
  condition?: ClassCondition,
): Tensor {
  const { levels, blocks, channels, classes } = shape;
  const e = embedding(p, { width: embeddingWidth(shape), classes }, label, span, condition); // [B, E]
  const lowest = levels - 1;
  const skips: Tensor[] = [];
  let h = x;
  for (let level = 0; level <= lowest; level++) {
    // The way down halves the side and sets the width at once.
    const stride = level === 0 ? 1 : 2;
    h = convolution(p, `down.${level}`, h, levelWidth(shape, level), { ...WINDOW, stride, init: lecunNormal });
    for (let i = 0; i < blocks; i++) h = residualBlock(p, `encode.${level}.${i}`, h, levelWidth(shape, level), e);
    if (level < lowest) skips.push(h); // [B, C_i, S_i, S_i]
  }
  if (shape.attention) h = attended(p, 'attention', h);
  for (let level = lowest; level >= 0; level--) {
    const skip = skips[level];
    if (skip) {
      const up = cutTo(upsampleNearest(h), skip);
      h = convolution(p, `up.${level}`, up, levelWidth(shape, level), { ...WINDOW, init: lecunNormal });
      h = concat([h, skip], 1);
    }
    for (let i = 0; i < blocks; i++) h = residualBlock(p, `decode.${level}.${i}`, h, levelWidth(shape, level), e);
  }
  return convolution(p, 'out', silu(norm(p, 'out.norm', h)), channels, { ...WINDOW, init: zeros });
}

function norm(p: ParameterSource, name: string, x: Tensor): Tensor {
  const channels = x.shape[1] ?? 1;
  const [scale, shift] = [p.create(`${name}.scale`, [channels], ones), p.create(`${name}.shift`, [channels], zeros)];
  return groupNormWhole(x, groupsOf(channels), scale, shift);
}

/**
 * y = conv(silu(norm(x))); h = conv(silu(norm(y)·(1 + scale) + shift)); h + x, or h + conv1(x) where the width changes. The last convolution
 * starts at zero, and with it each block as its shortcut. x [B, in, S, S], e [B, E] → [B, out, S, S].
 */
function residualBlock(p: ParameterSource, name: string, x: Tensor, out: number, e: Tensor): Tensor {
  const told = (part: string) => reshape(linear(p, `${name}.${part}`, e, out, zeros), [e.shape[0] ?? 1, out, 1, 1]);
  const y = convolution(p, `${name}.conv1`, silu(norm(p, `${name}.norm1`, x)), out, WINDOW);
  const modulated = add(mul(norm(p, `${name}.norm2`, y), affine(told('noiseScale'), 1, 1)), told('noiseShift'));
  const h = convolution(p, `${name}.conv2`, silu(modulated), out, { ...WINDOW, init: zeros });
  const same = x.shape[1] === out;
  return add(h, same ? x : convolution(p, `${name}.shortcut`, x, out, { kernel: 1, init: lecunNormal }));
}

/**
 * x + Attn(norm(x)), one head over all pixels: x [B, C, S, S]. Parameters as those of `selfAttention`; the products turn channels first into
 * tokens and back, which saves the copies.
 */
function attended(p: ParameterSource, name: string, x: Tensor): Tensor {
  const [batch = 1, C = 1, height = 1, width = 1] = x.shape;
  const seen = reshape(norm(p, `${name}.norm`, x), [batch, C, height * width]);
  const packed = matmul(seen, p.create(`${name}.qkv.weight`, [C, 3 * C], xavierParts(3)), { transposeA: true }); // [B, S², 3C]
  const mixed = attention(add(packed, p.create(`${name}.qkv.bias`, [3 * C], zeros)), { heads: 1 }); // [B, S², C]
  const projection = p.create(`${name}.proj.weight`, [C, C], xavierUniform);
  const out = matmul(projection, mixed, { transposeA: true, transposeB: true }); // [B, C, S²]
  const told = add(reshape(out, x.shape), reshape(p.create(`${name}.proj.bias`, [C], zeros), [C, 1, 1]));
  return add(told, x);
}

/** The first rows and columns of x, as many as `like` has: where a side was odd, doubling its half gives one too many. */
function cutTo(x: Tensor, like: Tensor): Tensor {
  return slice(x, [0, 0, 0, 0], [...x.shape.slice(0, 2), ...like.shape.slice(2)]);
}
