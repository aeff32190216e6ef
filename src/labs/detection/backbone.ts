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
  /** How many of all blocks deform, from the end. */
  readonly deformed: number;
  /** Blocks of the last stage. */
  readonly blocks: number;
  /** Whether the last stage dilates its windows and keeps its resolution; it halves it otherwise. */
  readonly atrous: boolean;
  /** Factor of the learning rate for offsets and modulation. */
  readonly offsetRate?: number;
  /** Sees the offsets and modulation of each deformable layer, first to last. */
  readonly tap?: (offset: Tensor, mask: Tensor | undefined) => void;
}

/** Pixels of the image for a cell of the features. */
export function strideOf({ atrous }: Pick<BackboneOptions, 'atrous'>): number {
  return atrous ? 8 : 16;
}

export interface BlockWindow {
  readonly stride: number;
  readonly dilation: number;
}

/** Strides and dilations of all blocks behind the stem, first to last. */
export function blockWindows({ blocks, atrous }: Pick<BackboneOptions, 'blocks' | 'atrous'>): readonly BlockWindow[] {
  const halving = { stride: 2, dilation: 1 };
  const last = Array.from({ length: blocks }, (_, i) =>
    atrous ? { stride: 1, dilation: 2 } : { stride: i === 0 ? 2 : 1, dilation: 1 },
  );
  return [halving, halving, ...last];
}

/** Names of the parameters that every backbone has, those of offsets apart. */
export const BACKBONE_PARAMETER = /^(stem|stage\d)(?!.*\.offset\.)/;

/** images [B, 3, H, W] → features [B, widths[3], H/8, W/8] (a sixteenth without à trous). */
export function backbone(p: ParameterSource, images: Tensor, options: BackboneOptions): Tensor {
  const { widths, norm, deformed } = options;
  const normed = (name: string, x: Tensor) =>
    norm.kind === 'batch' ? batchNorm(p, name, x, norm.mode) : groupNorm(p, name, x, norm.groups);
  const stem = { kernel: 3, stride: 2, padding: 1, bias: false };
  let x = relu(normed('stem.norm', convolution(p, 'stem.conv', images, widths[0], stem)));
  const windows = blockWindows(options);
  windows.forEach((window, i) => {
    const name = i < 2 ? `stage${i + 1}` : `stage3.${i - 2}`;
    const out = i === 0 ? widths[1] : i === 1 ? widths[2] : widths[3];
    x =
      options.deformation !== 'none' && i >= windows.length - deformed
        ? deformableBlock(p, name, x, out, window, options, normed)
        : residualBlock(p, name, x, out, { norm, ...window });
  });
  return x;
}

/** A residual block whose second convolution is deformable. */
function deformableBlock(
  p: ParameterSource,
  name: string,
  x: Tensor,
  out: number,
  { stride, dilation }: BlockWindow,
  { deformation, offsetRate, tap }: BackboneOptions,
  normed: (name: string, x: Tensor) => Tensor,
): Tensor {
  const window = { kernel: 3, padding: dilation, dilation };
  const first = relu(
    normed(`${name}.norm1`, convolution(p, `${name}.conv1`, x, out, { ...window, stride, bias: false })),
  );
  const own = {
    ...window,
    modulated: deformation === 'v2',
    ...(offsetRate !== undefined && { rate: offsetRate }),
    ...(tap && { tap }),
  };
  const second = normed(`${name}.norm2`, deformable(p, `${name}.conv2`, first, out, own));
  const shortcut =
    stride === 1 && x.shape[1] === out
      ? x
      : normed(
          `${name}.shortcut.norm`,
          convolution(p, `${name}.shortcut.conv`, x, out, { kernel: 1, stride, bias: false }),
        );
  return relu(add(second, shortcut));
}
