/** Numbers and dispatches of the shaders/deformConv*.wgsl kernels. */
import type { DeviceTraits } from '../../gpu/device';
import type { Kernel, Operand } from '../op';
import type { Shape } from '../tensor';
import { forwardProduct, gatherKernel } from './convKernel';
import type { ConvAttrs, ConvGeometry } from './convShape';
import { convWeightKernels } from './convWeight';
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

type Scratch = (shape: Shape) => Operand;

interface Sampled {
  readonly x: Operand;
  readonly offset: Operand;
  readonly mask: Operand | undefined;
}

/** Elements of a column matrix that is stored, at most: 64 MB. */
const MOST_COLUMNS = 2 ** 24;

/** Whether the samples are stored as a column matrix for a plain product; they are taken within the product otherwise. */
function storesColumns(device: DeviceTraits, g: DeformGeometry): boolean {
  const size = g.batch * g.kH * g.kW * g.channels * g.oH * g.oW;
  return device.deviceClass === 'software' && size <= MOST_COLUMNS;
}

/** m_k · x_c(q_k) as [B, groups, kH · kW · C/groups, oH · oW]. */
function columnKernel({ x, offset, mask }: Sampled, g: DeformGeometry, column: Operand): Kernel {
  const tiles = (g.channels / g.run) * Math.ceil(g.run / 8);
  const { workgroups, count, width } = lineGrid(g.batch * tiles * g.kH * g.kW * g.oH * g.oW);
  return {
    shader: 'deformConv',
    entry: 'columns',
    constants: { MASKED: mask ? 1 : 0 },
    uniform: { ...g, ...NO_LINE, count, width },
    bindings: { x, offset, mask: mask ?? offset, column },
    workgroups,
    flops: 7 * column.size,
    bytes: 4 * (x.size + offset.size + (mask?.size ?? 0) + column.size),
  };
}

function columnShape(g: DeformGeometry): Shape {
  return [g.batch, g.kH * g.kW * g.channels, g.oH, g.oW];
}

/** The product of columns and weight: a convolution by a window of one element. */
function productGeometry(g: DeformGeometry): ConvGeometry {
  const [one, none] = [[1, 1, 1] as const, [0, 0, 0] as const];
  const places = [1, g.oH, g.oW] as const;
  return {
    ...{
      batch: g.batch,
      groups: g.groups,
      inputs: (g.kH * g.kW * g.channels) / g.groups,
      outputs: g.outputs / g.groups,
    },
    ...{ input: places, output: places, kernel: one, stride: one, padding: none, dilation: one },
  };
}

/** One dispatch, or the columns and a product. */
export function forwardKernels(
  device: DeviceTraits,
  { w, out, ...from }: Sampled & { readonly w: Operand; readonly out: Operand },
  g: DeformGeometry,
  scratch: Scratch,
): Kernel[] {
  if (storesColumns(device, g)) {
    const column = scratch(columnShape(g));
    const geometry = productGeometry(g);
    const product = gatherKernel(device, { x: column, w, out }, geometry, forwardProduct(geometry));
    return [columnKernel(from, g, column), product];
  }
  const { x, offset, mask } = from;
  const tile: Kernel = {
    shader: 'deformConv',
    entry: 'workgroupTile',
    constants: { MASKED: mask ? 1 : 0 },
    uniform: { ...g, ...NO_LINE },
    bindings: { x, offset, mask: mask ?? offset, w, out },
    workgroups: [Math.ceil((g.batch * g.oH * g.oW) / 64), Math.ceil(g.outputs / g.groups / 32), g.groups],
    flops: flopsOf(g),
    bytes: 4 * (x.size + offset.size + (mask?.size ?? 0) + w.size + out.size),
    epilogue: 1,
  };
  return [tile];
}

/** An entry point of shaders/deformConvGrad.wgsl over `count` invocations. */
export function tapKernel(
  entry: string,
  bindings: Readonly<Record<string, Operand>>,
  g: DeformGeometry,
  count: number,
  constants: Readonly<Record<string, number>> = {},
): Kernel {
  const { workgroups, width } = lineGrid(count);
  return {
    shader: 'deformConvGrad',
    entry,
    constants,
    uniform: { ...g, ...NO_LINE, count, width },
    bindings,
    workgroups,
  };
}

interface WeightBuffers extends Sampled {
  readonly dy: Operand;
  readonly out: Operand;
}

/** Tiles of 32×64 that keep a GPU busy, and columns that a part has at least. */
const [WANTED_TILES, LEAST] = [192, 64];

/** One dispatch, or more where columns are stored, or the reduction over them is cut for want of tiles. */
export function weightKernels(
  device: DeviceTraits,
  { dy, out, ...from }: WeightBuffers,
  g: DeformGeometry,
  scratch: Scratch,
): Kernel[] {
  if (storesColumns(device, g)) {
    const column = scratch(columnShape(g));
    const product = convWeightKernels(device, { x: column, dy, out }, productGeometry(g), scratch);
    return [columnKernel(from, g, column), ...product];
  }
  const { x, offset, mask } = from;
  const columns = g.batch * g.oH * g.oW;
  const across = Math.ceil(g.outputs / g.groups / 64);
  const down = Math.ceil((g.kH * g.kW * g.channels) / g.groups / 32);
  const wanted = Math.max(
    1,
    Math.min(Math.ceil(WANTED_TILES / (across * down * g.groups)), Math.floor(columns / LEAST)),
  );
  const chunk = Math.ceil(columns / wanted);
  const splits = Math.ceil(columns / chunk);
  const parts = splits > 1 ? scratch([splits, ...out.shape]) : out;
  const first: Kernel = {
    shader: 'deformConvWeight',
    entry: 'workgroupTile',
    constants: { MASKED: mask ? 1 : 0 },
    uniform: { ...g, ...NO_LINE, splits, chunk },
    bindings: { x, offset, mask: mask ?? offset, dy, out: parts },
    workgroups: [across, down, g.groups * splits],
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
