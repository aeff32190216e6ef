/** Deformable convolution as a layer: its offsets, and in version 2 its modulation, come from a convolution of their own over the same input. */
import { conv } from '../engine/ops/conv';
import { deformConv } from '../engine/ops/deformConv';
import { add, affine, sigmoid } from '../engine/ops/pointwise';
import { reshape } from '../engine/ops/reshape';
import { slice } from '../engine/ops/slice';
import type { Tensor } from '../engine/tensor';
import { heNormal, zeros } from './initialisers';
import type { ParameterSource } from './parameters';

export interface DeformableOptions {
  /** Window along both axes. */
  readonly kernel: number;
  readonly stride?: number;
  readonly padding?: number;
  readonly dilation?: number;
  readonly groups?: number;
  /** Sets of offsets, each for its share of the channels. */
  readonly deformGroups?: number;
  /** Version 2: each tap has a factor as well. */
  readonly modulated?: boolean;
  /** Factor of the learning rate for the convolution that gives offsets and modulation (0.1, as in version 2). */
  readonly rate?: number;
  /** Sees the offsets [B, 2·G·k², Ho, Wo] and the modulation. */
  readonly tap?: (offset: Tensor, mask: Tensor | undefined) => void;
}

/**
 * x [B, C, H, W] → [B, out, Ho, Wo], no bias (a norm follows). Offsets begin at zero, and the modulation at 1 (twice a sigmoid, as in the released
 * example; the paper's text has the sigmoid alone, which begins at ½): the layer begins as a plain convolution. Dai et al. 2017, Zhu et al. 2019.
 * Throws ShapeError.
 */
export function deformable(
  p: ParameterSource,
  name: string,
  x: Tensor,
  out: number,
  options: DeformableOptions,
): Tensor {
  const { kernel, groups = 1, deformGroups = 1, modulated = false, rate = 0.1, tap } = options;
  const channels = x.shape[1] ?? 1;
  const { stride = 1, padding = 0, dilation = 1 } = options;
  const window = { stride, padding, dilation };
  const taps = deformGroups * kernel ** 2;
  const fields = (modulated ? 3 : 2) * taps;
  const kept = { lrScale: rate, decay: false };
  const raw = add(
    conv(x, p.create(`${name}.offset.weight`, [kernel, kernel, channels, fields], zeros, kept), window),
    reshape(p.create(`${name}.offset.bias`, [fields], zeros, kept), [fields, 1, 1]),
  );
  const [B = 1, , H = 1, W = 1] = raw.shape;
  const offset = slice(raw, [0, 0, 0, 0], [B, 2 * taps, H, W]);
  const mask = modulated ? affine(sigmoid(slice(raw, [0, 2 * taps, 0, 0], [B, taps, H, W])), 2, 0) : undefined;
  tap?.(offset, mask);
  const weight = p.create(`${name}.weight`, [kernel, kernel, channels / groups, out], heNormal);
  return deformConv(x, offset, weight, { ...window, groups, ...(mask && { mask }) });
}
