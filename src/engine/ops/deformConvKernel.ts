/** Numbers and dispatches of the shaders/deformConv*.wgsl kernels. */
import type { DeviceTraits } from '../../gpu/device';
import type { Kernel, Operand } from '../op';
import type { Shape } from '../tensor';
import type { ConvAttrs } from './convShape';
import { lineGrid } from './grid';

export interface DeformShapes {
  readonly x: Shape;
  readonly offset: Shape;
  /** Of the weight: [kh, kw, C/groups, O]. */
  readonly kernel: Shape;
  readonly y: Shape;
}

/** The uniform fields that all kernels share. */
export interface DeformGeometry {
  readonly batch: number;
  readonly channels: number;
  readonly outputs: number;
  readonly groups: number;
  readonly deformGroups: number;
  readonly run: number;
  readonly iH: number;
  readonly iW: number;
  readonly oH: number;
  readonly oW: number;
  readonly kH: number;
  readonly kW: number;
  readonly strideH: number;
  readonly strideW: number;
  readonly paddingH: number;
  readonly paddingW: number;
  readonly dilationH: number;
  readonly dilationW: number;
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

export function deformGeometry({ x, offset, kernel, y }: DeformShapes, attrs: ConvAttrs): DeformGeometry {
  const [batch = 1, channels = 1, iH = 1, iW = 1] = x;
  const [kH = 1, kW = 1] = kernel;
  const [, outputs = 1, oH = 1, oW = 1] = y;
  const deformGroups = (offset[1] ?? 0) / (2 * kH * kW);
  const [strideH = 1, strideW = 1] = attrs.stride;
  const [paddingH = 0, paddingW = 0] = attrs.padding;
  const [dilationH = 1, dilationW = 1] = attrs.dilation;
  const { groups } = attrs;
  const run = commonDivisor(channels / groups, channels / deformGroups);
  const sizes = { batch, channels, outputs, groups, deformGroups, run, iH, iW, oH, oW, kH, kW };
  return { ...sizes, strideH, strideW, paddingH, paddingW, dilationH, dilationW };
}

const NO_LINE = { count: 0, width: 0, splits: 1, chunk: 0 };

function flopsOf(g: DeformGeometry): number {
  return (2 * g.batch * g.oH * g.oW * g.kH * g.kW * g.channels * g.outputs) / g.groups;
}

export function forwardKernel(
  device: DeviceTraits,
  buffers: {
    readonly x: Operand;
    readonly offset: Operand;
    readonly mask: Operand | undefined;
    readonly w: Operand;
    readonly out: Operand;
  },
  g: DeformGeometry,
): Kernel {
  const { x, offset, mask, w, out } = buffers;
  const columns = g.batch * g.oH * g.oW;
  const rows = g.outputs / g.groups;
  const blocks = Math.min(4, Math.ceil(rows / 4));
  const software = device.deviceClass === 'software';
  const tile = software ? { columns: 4 * 16, rows: 4 * blocks } : { columns: 64, rows: 32 };
  return {
    shader: 'deformConv',
    entry: software ? 'registerTile' : 'workgroupTile',
    constants: { MASKED: mask ? 1 : 0, ...(software && { BLOCKS: blocks }) },
    uniform: { ...g, ...NO_LINE },
    bindings: { x, offset, mask: mask ?? offset, w, out },
    workgroups: [Math.ceil(columns / tile.columns), Math.ceil(rows / tile.rows), g.groups],
    flops: flopsOf(g),
    bytes: 4 * (x.size + offset.size + (mask?.size ?? 0) + w.size + out.size),
    epilogue: 1,
  };
}

/** An entry point of shaders/deformConvGrad.wgsl over `count` invocations. */
export function tapKernel(
  entry: string,
  bindings: Readonly<Record<string, Operand>>,
  g: DeformGeometry,
  count: number,
  masked?: boolean,
): Kernel {
  const { workgroups, width } = lineGrid(count);
  return {
    shader: 'deformConvGrad',
    entry,
    ...(masked !== undefined && { constants: { MASKED: masked ? 1 : 0 } }),
    uniform: { ...g, ...NO_LINE, count, width },
    bindings,
    workgroups,
  };
}

interface WeightBuffers {
  readonly x: Operand;
  readonly offset: Operand;
  readonly mask: Operand | undefined;
  readonly dy: Operand;
  readonly out: Operand;
}

/** Invocations that keep a CPU adapter busy, and tiles of 32×64 that keep a GPU busy; a part has some columns at least. */
const SOFTWARE = { units: 512, least: 32 };
const GPU = { units: 192, least: 64 };

/** One dispatch, or two where the reduction over columns is cut for want of tiles. */
export function weightKernels(
  device: DeviceTraits,
  { x, offset, mask, dy, out }: WeightBuffers,
  g: DeformGeometry,
  scratch: (shape: Shape) => Operand,
): Kernel[] {
  const software = device.deviceClass === 'software';
  const columns = g.batch * g.oH * g.oW;
  const across = Math.ceil(g.outputs / g.groups / (software ? 16 : 64));
  const down = software
    ? g.kH * g.kW * (g.channels / g.run) * Math.ceil(g.run / 4)
    : Math.ceil((g.kH * g.kW * g.channels) / g.groups / 32);
  const tiles = across * down * (software ? 1 : g.groups);
  const { units, least } = software ? SOFTWARE : GPU;
  const wanted = Math.max(1, Math.min(Math.ceil(units / tiles), Math.floor(columns / least)));
  const chunk = Math.ceil(columns / wanted);
  const splits = Math.ceil(columns / chunk);
  const parts = splits > 1 ? scratch([splits, ...out.shape]) : out;
  const line = lineGrid(tiles * splits, 16);
  const bindings = { x, offset, mask: mask ?? offset, dy, out: parts };
  const first: Kernel = {
    shader: 'deformConvWeight',
    entry: software ? 'registerTile' : 'workgroupTile',
    constants: { MASKED: mask ? 1 : 0 },
    uniform: { ...g, splits, chunk, count: line.count, width: line.width },
    bindings,
    workgroups: software ? line.workgroups : [across, down, g.groups * splits],
    flops: flopsOf(g),
    ...(splits === 1 && { epilogue: 1 as const }),
  };
  if (splits === 1) return [first];
  const { workgroups, count, width } = lineGrid(out.size);
  const second: Kernel = {
    shader: 'deformConvWeight',
    entry: 'sumSplits',
    uniform: { ...g, splits, chunk, count, width },
    bindings: { parts, out },
    workgroups,
    flops: parts.size,
    epilogue: 1,
  };
  return [first, second];
}
