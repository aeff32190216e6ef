/** Which entry point of shaders/conv.wgsl computes a convolution or a transposed one on a device, and with which numbers. */
import type { DeviceTraits } from '../../gpu/device';
import type { Kernel, Operand } from '../op';
import { sizeOf } from '../tensor';
import { convFlops, type Axes, type ConvGeometry } from './convShape';

/** The gather product of shaders/conv.wgsl: `out` rows from `x` channels. */
interface GatherProduct {
  readonly rows: number;
  readonly channels: number;
  readonly x: Axes;
  readonly out: Axes;
  readonly multiply: Axes;
  readonly offset: Axes;
  readonly step: Axes;
  readonly divide: Axes;
  readonly channelStride: number;
  readonly rowStride: number;
}

function times(a: Axes, factor: number): Axes {
  return [a[0] * factor, a[1] * factor, a[2] * factor];
}

/** y from x. */
export function forwardProduct(g: ConvGeometry): GatherProduct {
  return {
    rows: g.outputs,
    channels: g.inputs,
    x: g.input,
    out: g.output,
    multiply: g.stride,
    offset: times(g.padding, -1),
    step: g.dilation,
    divide: [1, 1, 1],
    channelStride: g.outputs * g.groups,
    rowStride: 1,
  };
}

/** The gradient by x from that by y, which is the transposed convolution. */
export function transposedProduct(g: ConvGeometry): GatherProduct {
  return {
    rows: g.inputs,
    channels: g.outputs,
    x: g.output,
    out: g.input,
    multiply: [1, 1, 1],
    offset: g.padding,
    step: times(g.dilation, -1),
    divide: g.stride,
    channelStride: 1,
    rowStride: g.outputs * g.groups,
  };
}

/** CPU adapters take registers straight from storage (barriers are dear there), GPUs a tile through workgroup memory. */
function tileFor(device: DeviceTraits, p: GatherProduct) {
  if (device.deviceClass === 'gpu') return { entry: 'workgroupTile', rows: 32, columns: 64 };
  return { entry: 'registerTile', rows: p.rows > 4 ? 8 : 4, columns: 8 * 16 };
}

export function gatherKernel(
  device: DeviceTraits,
  buffers: { readonly x: Operand; readonly w: Operand; readonly out: Operand },
  g: ConvGeometry,
  p: GatherProduct,
): Kernel {
  const { x, w, out } = buffers;
  const columns = g.batch * sizeOf(p.out);
  const tile = tileFor(device, p);
  const wide = sizeOf(p.out) % 4 === 0;
  return {
    shader: 'conv',
    entry: wide ? `${tile.entry}4` : tile.entry,
    constants: {
      DIVIDE_D: p.divide[0],
      DIVIDE_H: p.divide[1],
      DIVIDE_W: p.divide[2],
      ...(tile.entry === 'registerTile' && { BOTH: tile.rows > 4 ? 1 : 0 }),
      DEEP: g.kernel[0] > 1 || p.x[0] > 1 || p.out[0] > 1 ? 1 : 0,
    },
    uniform: {
      rows: p.rows,
      channels: p.channels,
      columns,
      groups: g.groups,
      ...byAxis('i', p.x),
      ...byAxis('o', p.out),
      ...byAxis('k', g.kernel),
      ...byAxis('multiply', p.multiply),
      ...byAxis('offset', p.offset),
      ...byAxis('step', p.step),
      tapStride: g.inputs * g.outputs * g.groups,
      channelStride: p.channelStride,
      rowStride: p.rowStride,
      groupStride: g.outputs,
    },
    bindings: { x, w, ...(wide ? { out4: out } : { out }) },
    workgroups: [Math.ceil(columns / tile.columns), Math.ceil(p.rows / tile.rows), g.groups],
    flops: convFlops(g),
    bytes: 4 * (x.size + w.size + out.size),
    epilogue: wide ? 4 : 1,
  };
}

/** Uniform fields of the three axes: prefixD, prefixH, prefixW. */
export function byAxis(prefix: string, [d, h, w]: Axes): Record<string, number> {
  return { [`${prefix}D`]: d, [`${prefix}H`]: h, [`${prefix}W`]: w };
}
