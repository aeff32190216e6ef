/** Sums over all axes but the channels': the statistics and slopes of batch and group normalisation (shaders/batchNorm.wgsl). */
import type { DeviceTraits } from '../../gpu/device';
import { defineOp, type Kernel, type KernelArgs, type Operand } from '../op';
import { ShapeError, sizeOf, type Shape } from '../tensor';
import { foldGroups, lineGrid } from './grid';

interface StatisticsAttrs {
  /** Axis of the channels. */
  readonly axis: number;
  /** Added to the variance. */
  readonly eps: number;
}

/** x → mean, variance (divided by the count) and 1/√(variance + eps), each [channels]. No gradient of its own. */
export const channelStatisticsOp = defineOp<StatisticsAttrs>({
  name: 'channelStatistics',
  infer: (inputs, { axis, eps }) => {
    const [x] = inputs;
    const channels = x?.shape[axis];
    if (!x || channels === undefined) throw new ShapeError('channelStatistics', `there is no axis ${axis}`, inputs);
    if (!(eps >= 0)) throw new ShapeError('channelStatistics', `eps is ${eps}; use 0 or more`, inputs);
    return [0, 1, 2].map(() => ({ shape: [channels], dtype: 'f32' as const }));
  },
  kernels: (args) => {
    const { inputs, outputs, attrs } = args;
    const [x] = inputs;
    const [outA, outB, outC] = outputs;
    if (!x || !outA || !outB || !outC) return [];
    const layout = layoutOf(x.shape, attrs.axis);
    const { first, partials, pass } = sumKernel('statistics', { x }, layout, 1, args);
    return [first, finishKernel('finishStatistics', { partials, outA, outB, outC }, layout, pass, attrs.eps)];
  },
});

interface SlopeAttrs {
  readonly axis: number;
  /** Neighbouring channels that share a mean and a deviation. */
  readonly share: number;
}

/** x, dy, mean and rstd [channels/share] → Σ dy and Σ dy·(x − mean)·rstd, each [channels]. */
export const channelSlope = defineOp<SlopeAttrs>({
  name: 'channelSlope',
  infer: (inputs, { axis, share }) => {
    const [x, dy, mean, rstd] = inputs;
    const channels = x?.shape[axis] ?? 0;
    if (!x || dy?.shape.join() !== x.shape.join() || mean?.shape.join() !== String(channels / share) || !rstd) {
      throw new ShapeError('channelSlope', 'takes x, dy of one shape, and mean and rstd [channels/share]', inputs);
    }
    return [0, 1].map(() => ({ shape: [channels], dtype: 'f32' as const }));
  },
  kernels: (args) => {
    const { inputs, outputs, attrs } = args;
    const [x, dy, mean, rstd] = inputs;
    const [outA, outB] = outputs;
    if (!x || !dy || !mean || !rstd || !outA || !outB) return [];
    const layout = layoutOf(x.shape, attrs.axis);
    const { first, partials, pass } = sumKernel('slopes', { x, dy, mean, rstd }, layout, attrs.share, args);
    return [first, finishKernel('finishSlopes', { partials, outA, outB }, layout, pass, 0)];
  },
});

/** A tensor as [outer, channels, inner]. */
interface Layout {
  readonly channels: number;
  readonly inner: number;
  /** Elements of a channel. */
  readonly count: number;
}

function layoutOf(shape: Shape, axis: number): Layout {
  const channels = shape[axis] ?? 1;
  return { channels, inner: sizeOf(shape.slice(axis + 1)), count: sizeOf(shape) / channels };
}

interface Pass {
  readonly form: 'Serial' | 'Serial4' | 'Parallel';
  readonly chunk: number;
  readonly chunks: number;
  readonly size: number;
}

/**
 * Software adapters: an invocation for each part, by vec4 where shapes allow, some 256 parts. GPUs: a workgroup for each where a
 * channel's elements lie together, else neighbours take neighbouring channels.
 */
function passFor(device: DeviceTraits, { channels, inner, count }: Layout): Pass {
  if (device.deviceClass === 'software') {
    const form = inner % 4 === 0 ? 'Serial4' : 'Serial';
    return { form, size: 16, ...chunked(Math.ceil(256 / channels), count, 128) };
  }
  if (inner >= 16) return { form: 'Parallel', size: 128, ...chunked(Math.ceil(512 / channels), count, 1024) };
  return { form: 'Serial', size: 64, ...chunked(Math.ceil(16384 / channels), count, 32) };
}

/** Chunks of a multiple of four elements and `least` or more; 256 at most. */
function chunked(wanted: number, count: number, least: number): { readonly chunk: number; readonly chunks: number } {
  const chunks = Math.max(1, Math.min(wanted, 256, Math.floor(count / least)));
  const chunk = 4 * Math.ceil(count / chunks / 4);
  return { chunk, chunks: Math.ceil(count / chunk) };
}

type Inputs = Readonly<Record<string, Operand>>;

function sumKernel(
  name: 'statistics' | 'slopes',
  { x, dy, ...others }: Inputs & { readonly x: Operand },
  layout: Layout,
  share: number,
  { device, scratch }: Pick<KernelArgs<never>, 'device' | 'scratch'>,
): { first: Kernel; partials: Operand; pass: Pass } {
  const pass = passFor(device, layout);
  const partials = scratch([2, pass.chunks, layout.channels]);
  const units = pass.chunks * layout.channels;
  const { workgroups, width } = pass.form === 'Parallel' ? foldGroups(units) : lineGrid(units, pass.size);
  const four = pass.form === 'Serial4' ? '4' : '';
  const first: Kernel = {
    shader: 'batchNorm',
    entry: `${name}${pass.form}`,
    constants: pass.form === 'Parallel' ? { LANES: pass.size } : { WORKGROUP: pass.size },
    uniform: { ...layout, chunk: pass.chunk, chunks: pass.chunks, share, width, eps: 0 },
    bindings: { [`x${four}`]: x, ...(dy && { [`dy${four}`]: dy }), ...others, partials },
    workgroups,
    flops: 4 * x.size,
  };
  return { first, partials, pass };
}

function finishKernel(entry: string, bindings: Inputs, layout: Layout, pass: Pass, eps: number): Kernel {
  const { workgroups, width } = lineGrid(layout.channels, 16);
  return {
    shader: 'batchNorm',
    entry,
    constants: { WORKGROUP: 16 },
    uniform: { ...layout, chunk: pass.chunk, chunks: pass.chunks, share: 1, width, eps },
    bindings,
    workgroups,
  };
}
