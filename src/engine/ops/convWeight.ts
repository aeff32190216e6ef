import type { DeviceTraits } from '../../gpu/device';
import { defineOp, type Kernel, type Operand } from '../op';
import { ShapeError, sizeOf, type Shape } from '../tensor';
import { byAxis } from './convKernel';
import { checkAttrs, convFlops, convGeometry, type ConvAttrs, type ConvGeometry } from './convShape';
import { lineGrid } from './grid';

interface WeightAttrs extends ConvAttrs {
  readonly kernel: Shape;
}

/** Gradient of `conv` by its weight: x [B, C, ...], dy [B, O, ...] → [kernel..., C/groups, O]. */
export const convWeightGradOp = defineOp<WeightAttrs>({
  name: 'convWeightGrad',
  infer: (inputs, attrs) => {
    const [x, dy] = inputs;
    checkAttrs('convWeightGrad', attrs.kernel.length, attrs, inputs);
    if (!x || !dy || x.shape.length !== attrs.kernel.length + 2 || dy.shape.length !== x.shape.length) {
      throw new ShapeError('convWeightGrad', 'takes x [B, C, ...] and dy [B, O, ...]', inputs);
    }
    return [{ shape: [...attrs.kernel, (x.shape[1] ?? 1) / attrs.groups, dy.shape[1] ?? 1], dtype: 'f32' }];
  },
  kernels: ({ inputs: [x, dy], outputs: [out], attrs, device, scratch }) => {
    if (!x || !dy || !out) return [];
    const g = convGeometry(x.shape, out.shape, dy.shape, attrs);
    return convWeightKernels(device, { x, dy, out }, g, (shape) => scratch(shape));
  },
});

interface Buffers {
  readonly x: Operand;
  readonly dy: Operand;
  readonly out: Operand;
}

/** How the reduction is cut: `chunk` lines or positions for each of `splits` parts. */
interface Cut {
  readonly splits: number;
  readonly chunk: number;
}

function cut(length: number, wanted: number, least: number): Cut {
  const splits = Math.max(1, Math.min(wanted, Math.floor(length / least)));
  const chunk = Math.ceil(length / splits);
  return { splits: Math.ceil(length / chunk), chunk };
}

/** Invocations that keep a CPU adapter busy, and tiles of 32×64 that keep a GPU busy. */
const WANTED = { software: 512, gpu: 192 };

function uniformOf(g: ConvGeometry, { splits, chunk }: Cut, tiles: number, width: number) {
  return {
    batch: g.batch,
    channels: g.inputs,
    outputs: g.outputs,
    groups: g.groups,
    ...byAxis('i', g.input),
    ...byAxis('o', g.output),
    ...byAxis('k', g.kernel),
    ...byAxis('stride', g.stride),
    ...byAxis('padding', g.padding),
    ...byAxis('dilation', g.dilation),
    splits,
    chunk,
    tiles,
    width,
  };
}

/** The dispatches: one, or two where the reduction is cut for want of tiles. */
export function convWeightKernels(
  device: DeviceTraits,
  buffers: Buffers,
  g: ConvGeometry,
  scratch: (shape: Shape) => Operand,
): Kernel[] {
  const { x, dy, out } = buffers;
  const make = device.deviceClass === 'gpu' ? groupKernel : lineKernel;
  const planned = make(buffers, g);
  if (planned.cut.splits === 1) return [planned.kernel];
  const parts = scratch([planned.cut.splits, ...out.shape]);
  const { epilogue: _unused, ...first } = make({ x, dy, out: parts }, g).kernel;
  const { workgroups, width } = lineGrid(out.size);
  const second: Kernel = {
    shader: 'convWeight',
    entry: 'sumSplits',
    uniform: uniformOf(g, { splits: planned.cut.splits, chunk: out.size }, 0, width),
    bindings: { x: parts, out },
    workgroups,
    flops: parts.size,
    epilogue: 1,
  };
  return [first, second];
}

function lineKernel({ x, dy, out }: Buffers, g: ConvGeometry): { kernel: Kernel; cut: Cut } {
  const tiles = sizeOf(g.kernel) * Math.ceil(g.inputs / 8) * Math.ceil(g.outputs / 8) * g.groups;
  const lines = g.batch * g.output[0] * g.output[1];
  const made = cut(lines, Math.ceil(WANTED.software / tiles), 4);
  const wide = g.outputs % 4 === 0;
  const { workgroups, width } = lineGrid(tiles * made.splits, 16);
  const kernel: Kernel = {
    shader: 'convWeight',
    entry: wide ? 'registerTile4' : 'registerTile',
    constants: { WORKGROUP: 16, BOTH: g.inputs > 4 ? 1 : 0 },
    uniform: uniformOf(g, made, tiles, width),
    bindings: { x, dy, ...(wide ? { out4: out } : { out }) },
    workgroups,
    flops: convFlops(g),
    epilogue: wide ? 4 : 1,
  };
  return { kernel, cut: made };
}

function groupKernel({ x, dy, out }: Buffers, g: ConvGeometry): { kernel: Kernel; cut: Cut } {
  const across = Math.ceil(g.outputs / 64);
  const down = Math.ceil((sizeOf(g.kernel) * g.inputs) / 32);
  const made = cut(g.batch * sizeOf(g.output), Math.ceil(WANTED.gpu / (across * down * g.groups)), 64);
  const wide = g.outputs % 4 === 0;
  const kernel: Kernel = {
    shader: 'convWeight',
    entry: wide ? 'workgroupTile4' : 'workgroupTile',
    uniform: uniformOf(g, made, 0, 0),
    bindings: { x, dy, ...(wide ? { out4: out } : { out }) },
    workgroups: [across, down, g.groups * made.splits],
    flops: convFlops(g),
    epilogue: wide ? 4 : 1,
  };
  return { kernel, cut: made };
}
