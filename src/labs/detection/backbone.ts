/** The detectors' shared trunk: a small residual network whose last stage keeps its resolution by dilation ("à trous"). */
import { add, relu } from '../../engine/ops/pointwise';
import type { Tensor } from '../../engine/tensor';
import { convolution } from '../../nn/convolution';
import { deformable } from '../../nn/deformable';
import { batchNorm, groupNorm } from '../../nn/normalisation';
import type { ParameterSource } from '../../nn/parameters';
import { residualBlock, type ResidualNorm } from '../../nn/residual';

export type Deformation = 'none' | 'v1' | 'v2';

export interface BackboneOptions {
  /** Channels of the stages, the first at half resolution. */
  readonly widths: readonly [number, number, number, number];
  readonly norm: ResidualNorm;
  /** Which kind of convolution is the second of the last blocks. */
  readonly deformation: Deformation;
  /** How many blocks of the last stage deform, from the end. */
  readonly deformed: number;
  /** Blocks of the last stage. */
  readonly blocks: number;
  /** Sees the offsets and modulation of each deformable layer, first to last. */
  readonly tap?: (offset: Tensor, mask: Tensor | undefined) => void;
}

/** Pixels of the image for a cell of the features. */
export const STRIDE = 8;

/** images [B, 3, H, W] → features [B, widths[3], H/8, W/8]. */
export function backbone(p: ParameterSource, images: Tensor, options: BackboneOptions): Tensor {
  const { widths, norm, blocks, deformed } = options;
  const normed = (name: string, x: Tensor) =>
    norm.kind === 'batch' ? batchNorm(p, name, x, norm.mode) : groupNorm(p, name, x, norm.groups);
  const stem = { kernel: 3, stride: 2, padding: 1, bias: false };
  let x = relu(normed('stem.norm', convolution(p, 'stem.conv', images, widths[0], stem)));
  x = residualBlock(p, 'stage1', x, widths[1], { norm, stride: 2 });
  x = residualBlock(p, 'stage2', x, widths[2], { norm, stride: 2 });
  for (let i = 0; i < blocks; i++) {
    const name = `stage3.${i}`;
    x =
      options.deformation !== 'none' && i >= blocks - deformed
        ? deformableBlock(p, name, x, widths[3], options, normed)
        : residualBlock(p, name, x, widths[3], { norm, dilation: 2 });
  }
  return x;
}

/** A residual block of dilation 2 whose second convolution is deformable. */
function deformableBlock(
  p: ParameterSource,
  name: string,
  x: Tensor,
  out: number,
  { deformation, tap }: BackboneOptions,
  normed: (name: string, x: Tensor) => Tensor,
): Tensor {
  const window = { kernel: 3, padding: 2, dilation: 2 };
  const first = relu(normed(`${name}.norm1`, convolution(p, `${name}.conv1`, x, out, { ...window, bias: false })));
  const own = { ...window, modulated: deformation === 'v2', ...(tap && { tap }) };
  const second = normed(`${name}.norm2`, deformable(p, `${name}.conv2`, first, out, own));
  const shortcut =
    x.shape[1] === out
      ? x
      : normed(`${name}.shortcut.norm`, convolution(p, `${name}.shortcut.conv`, x, out, { kernel: 1, bias: false }));
  return relu(add(second, shortcut));
}
