import { defineOp, type Kernel, type KernelArgs } from '../op';
import { ShapeError, sizeOf, type Tensor } from '../tensor';
import { foldGroups, lineGrid } from './grid';
import { groupNormSlopes } from './normalise';
import { reshape } from './reshape';

interface GroupNormAttrs {
  /** Added to the variance. */
  readonly eps: number;
}

/** Inputs x [B, G, C/G, P], scale and shift [G, C/G, 1] → y like x, and for each sample and group mean and 1/√(variance + eps), [B, G, 1, 1]. */
export const groupNormWholeOp = defineOp<GroupNormAttrs>({
  name: 'groupNormWhole',
  infer: (inputs, { eps }) => {
    const [x, scale, shift] = inputs;
    const [batch = 1, groups = 1, share = 1] = x?.shape ?? [];
    const vector = [groups, share, 1].join();
    if (x?.shape.length !== 4 || scale?.shape.join() !== vector || shift?.shape.join() !== vector)
      throw new ShapeError('groupNormWhole', 'takes x [B, G, C/G, P], and scale and shift [G, C/G, 1]', inputs);
    if (!(eps >= 0)) throw new ShapeError('groupNormWhole', `eps is ${eps}; use 0 or more`, inputs);
    const statistics = { shape: [batch, groups, 1, 1], dtype: 'f32' as const };
    return [{ shape: x.shape, dtype: 'f32' }, statistics, statistics];
  },
  vjp: ({ inputs: [x, scale], outputs: [, mean, rstd], cotangents: [dy] }) => {
    if (!x || !scale || !mean || !rstd || !dy) return [];
    const slopes = groupNormSlopes(x, mean, rstd, scale, dy);
    return slopes ? [slopes.x, slopes.scale, slopes.shift] : [];
  },
  kernels: forwardKernels,
});

function forwardKernels({ inputs, outputs, attrs, device }: KernelArgs<GroupNormAttrs>): Kernel[] {
  const [x, scale, shift] = inputs;
  const [out, mean, rstd] = outputs;
  if (!x || !scale || !shift || !out || !mean || !rstd) return [];
  const [batch = 1, groups = 1, share = 1, inner = 1] = x.shape;
  const rows = batch * groups;
  const dims = { rows, groups, share, inner, eps: attrs.eps };
  const cost = { flops: 8 * x.size, bytes: 4 * 2 * x.size };
  const bindings = { scale, shift, mean, rstd };
  if (device.deviceClass === 'gpu') {
    const { workgroups, width } = foldGroups(rows);
    const lanes = share * inner <= 256 ? 32 : share * inner <= 1024 ? 64 : 256;
    return [
      {
        shader: 'groupNorm',
        entry: 'parallel',
        constants: { LANES: lanes },
        uniform: { ...dims, width },
        bindings: { x, ...bindings, out },
        workgroups,
        epilogue: 1,
        ...cost,
      },
    ];
  }
  const wide = inner % 4 === 0;
  // Few invocations a workgroup: groups of samples are hundreds, and the processor's cores share them out.
  const { workgroups, width } = lineGrid(rows, 4);
  return [
    {
      shader: 'groupNorm',
      entry: wide ? 'serial4' : 'serial',
      constants: { WORKGROUP: 4 },
      uniform: { ...dims, width },
      bindings: wide ? { x4: x, ...bindings, out4: out } : { x, ...bindings, out },
      workgroups,
      epilogue: wide ? 4 : 1,
      ...cost,
    },
  ];
}

/**
 * Group norm (Wu & He 2018) in one dispatch, pointwise work after it included: x [B, C, ...], scale and shift [C]. One invocation (a workgroup on
 * GPUs) takes a whole group: for pictures of up to some thousand elements a group; `groupNorm` of batchNorm.ts shares larger ones out.
 * Throws ShapeError unless C divides by groups.
 */
export function groupNormWhole(x: Tensor, groups: number, scale: Tensor, shift: Tensor, eps = 1e-5): Tensor {
  const [batch = 1, channels = 1] = x.shape;
  if (x.shape.length < 3 || channels % groups !== 0 || [scale, shift].some((v) => v.shape.join() !== String(channels)))
    throw new ShapeError(
      'groupNormWhole',
      `takes x [B, C, ...], scale and shift [C]; C must divide into ${groups} groups`,
      [x, scale, shift],
    );
  const share = channels / groups;
  const [gain, bias] = [scale, shift].map((v) => reshape(v, [groups, share, 1]));
  if (!gain || !bias) throw new ShapeError('groupNormWhole', 'takes scale and shift [C]', [x]);
  const [y] = groupNormWholeOp.apply([reshape(x, [batch, groups, share, sizeOf(x.shape.slice(2))]), gain, bias], {
    eps,
  });
  if (!y) throw new ShapeError('groupNormWhole', 'gave no output', [x]);
  return reshape(y, x.shape);
}
