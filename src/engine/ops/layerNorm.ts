import type { DeviceTraits } from '../../gpu/device';
import { defineOp, type Kernel, type KernelArgs } from '../op';
import { sameShape, ShapeError, showShape, sizeOf, type Shape, type Tensor } from '../tensor';
import { foldGroups, lineGrid } from './grid';

export interface LayerNormAttrs {
  /** Added to the variance. */
  readonly eps: number;
}

/** Inputs x [..., D], scale [D], shift [D] → y [..., D], and per row the mean and 1/√(variance + eps), both [rows]. */
export const layerNormOp = defineOp<LayerNormAttrs>({
  name: 'layerNorm',
  infer: (inputs, { eps }) => {
    const [x, scale, shift] = inputs;
    if (!x || !scale || !shift || x.shape.length === 0) {
      throw new ShapeError('layerNorm', 'takes x [..., D], scale [D] and shift [D]', inputs);
    }
    const row: Shape = x.shape.slice(-1);
    if (!sameShape(scale.shape, row) || !sameShape(shift.shape, row)) {
      throw new ShapeError(
        'layerNorm',
        `scale and shift must be ${showShape(row)}, as long as the last axis of x`,
        inputs,
      );
    }
    if (!(eps >= 0)) throw new ShapeError('layerNorm', `eps is ${eps}; use 0 or more`, inputs);
    const rows = x.shape.slice(0, -1);
    return [
      { shape: x.shape, dtype: 'f32' },
      { shape: [sizeOf(rows)], dtype: 'f32' },
      { shape: [sizeOf(rows)], dtype: 'f32' },
    ];
  },
  vjp: ({ inputs: [x, scale], outputs: [, mean, rstd], cotangents: [dy] }) =>
    x && scale && mean && rstd && dy ? layerNormGradOp.apply([x, scale, mean, rstd, dy], {}) : [],
  kernels: forwardKernels,
});

/**
 * Inputs x [..., D], scale [D], mean [rows], rstd [rows], dy [..., D] → dx [..., D], dscale [D], dshift [D]. Two dispatches: dx with
 * partial sums per block of rows, then these in order.
 */
export const layerNormGradOp = defineOp<Record<string, never>>({
  name: 'layerNormGrad',
  infer: (inputs) => {
    const [x, scale, mean, rstd, dy] = inputs;
    if (!x || !scale || !mean || !rstd || !dy || !sameShape(x.shape, dy.shape)) {
      throw new ShapeError('layerNormGrad', 'takes x, scale, mean, rstd and dy of the shape of x', inputs);
    }
    return [
      { shape: x.shape, dtype: 'f32' },
      { shape: scale.shape, dtype: 'f32' },
      { shape: scale.shape, dtype: 'f32' },
    ];
  },
  kernels: gradientKernels,
});

function forwardKernels({ inputs, outputs, attrs, device }: KernelArgs<LayerNormAttrs>): Kernel[] {
  const [x, scale, shift] = inputs;
  const [out, mean, rstd] = outputs;
  if (!x || !scale || !shift || !out || !mean || !rstd) return [];
  const columns = scale.size;
  const rows = mean.size;
  const cost = { flops: 8 * x.size, bytes: 4 * (2 * x.size + 2 * columns + 2 * rows) };
  if (device.deviceClass === 'gpu') {
    const { workgroups, width } = foldGroups(rows);
    const lanes = columns <= 128 ? 32 : columns <= 512 ? 64 : 256;
    return [
      {
        shader: 'layerNorm',
        entry: 'parallel',
        constants: { LANES: lanes },
        uniform: { rows, columns, width, eps: attrs.eps },
        bindings: { x, scale, shift, mean, rstd, out },
        workgroups,
        epilogue: 1,
        ...cost,
      },
    ];
  }
  const wide = columns % 4 === 0;
  const { workgroups, width } = lineGrid(rows, 16);
  return [
    {
      shader: 'layerNorm',
      entry: wide ? 'serial4' : 'serial',
      constants: { WORKGROUP: 16 },
      uniform: { rows, columns, width, eps: attrs.eps },
      bindings: wide
        ? { x4: x, scale4: scale, shift4: shift, mean, rstd, out4: out }
        : { x, scale, shift, mean, rstd, out },
      workgroups,
      epilogue: wide ? 4 : 1,
      ...cost,
    },
  ];
}

/** Rows of a block, and in the workgroup's form: invocations that share a row's sums, and groups that share a block's rows. */
interface Blocking {
  readonly entry: 'serial4' | 'parallel';
  readonly workgroup: number;
  readonly rows: number;
  readonly lanes: number;
  readonly groups: number;
}

/**
 * Software adapters pay for barriers: one invocation per block, about 128 blocks. GPUs: about 64 blocks of 256 invocations, so
 * that the second dispatch has few partials to sum in order.
 */
function blockingFor(device: DeviceTraits, rows: number, columns: number): Blocking {
  if (device.deviceClass === 'software' && columns % 4 === 0) {
    return { entry: 'serial4', workgroup: 8, rows: 4 * Math.ceil(rows / 512), lanes: 1, groups: 1 };
  }
  const lanes = columns >= 128 ? 32 : columns >= 32 ? 8 : 1;
  const perBlock = 2 ** Math.ceil(Math.log2(Math.max(1, rows / 64)));
  const block = Math.max(8, Math.min(perBlock, 512 / lanes));
  const workgroup = device.deviceClass === 'software' ? 32 : 256;
  const groups = Math.max(1, Math.min(block, Math.floor(workgroup / columns)));
  return { entry: 'parallel', workgroup, rows: block, lanes, groups };
}

function gradientKernels({ inputs, outputs, device, scratch }: KernelArgs<Record<string, never>>): Kernel[] {
  const [x, scale, mean, rstd, dy] = inputs;
  const [out, dscale, dshift] = outputs;
  if (!x || !scale || !mean || !rstd || !dy || !out || !dscale || !dshift) return [];
  const columns = scale.size;
  const rows = mean.size;
  const b = blockingFor(device, rows, columns);
  const blocks = Math.ceil(rows / b.rows);
  const partials = scratch([blocks * b.groups, 2, columns]);
  const wide = b.entry === 'serial4';
  const perBlock = wide ? lineGrid(blocks, b.workgroup) : foldGroups(blocks);
  const size = device.deviceClass === 'software' ? 16 : 64;
  const perColumn = lineGrid(columns, size);
  const uniform = { rows, columns, partialRows: blocks * b.groups };
  return [
    {
      shader: 'layerNormGrad',
      entry: b.entry,
      constants: { WORKGROUP: b.workgroup, ROWS: b.rows, ...(!wide && { LANES: b.lanes, GROUPS: b.groups }) },
      uniform: { ...uniform, width: perBlock.width },
      bindings: wide
        ? { x4: x, scale4: scale, mean, rstd, dy4: dy, partials4: partials, out4: out }
        : { x, scale, mean, rstd, dy, partials, out },
      workgroups: perBlock.workgroups,
      epilogue: wide ? 4 : 1,
      flops: 16 * x.size,
      bytes: 4 * 3 * x.size,
    },
    {
      shader: 'layerNormGrad',
      entry: 'finish',
      constants: { WORKGROUP: size },
      uniform: { ...uniform, width: perColumn.width },
      bindings: { partials, dscale, dshift },
      workgroups: perColumn.workgroups,
      flops: partials.size,
    },
  ];
}

/**
 * Layer norm over the last axis: x [..., D], scale [D], shift [D] → [..., D]; `eps` is added to the variance (Ba, Kiros & Hinton
 * 2016). Throws ShapeError where the lengths differ.
 */
export function layerNorm(x: Tensor, scale: Tensor, shift: Tensor, eps = 1e-6): Tensor {
  const [y] = layerNormOp.apply([x, scale, shift], { eps });
  if (!y) throw new ShapeError('layerNorm', 'gave no output', [x, scale, shift]);
  return y;
}
