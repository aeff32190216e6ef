import type { DeviceTraits } from '../../gpu/device';
import { defineOp, type Kernel, type KernelArgs, type Operand } from '../op';
import { sameShape, ShapeError, showShape, sizeOf, type Shape, type Tensor } from '../tensor';
import { foldGroups } from './grid';
import { affine, broadcastTo, full, fullOp, square, sub } from './pointwise';
import { axesOf, geometry, keptShape, reductionRuns, squeeze, type Geometry } from './reduceAxes';
import { extremumOp } from './reduceExtremum';
import { reshape } from './reshape';

export interface SumAttrs {
  /** Axes that go, ascending, in at most two runs of neighbours. */
  readonly axes: readonly number[];
}

/** y[kept axes] = Σ over `axes`. Several passes where one would leave the device idle; the order of summation is fixed. */
export const sumOp = defineOp<SumAttrs>({
  name: 'sum',
  infer: (inputs, { axes }) => {
    const [x] = inputs;
    if (!x || x.dtype !== 'f32') throw new ShapeError('sum', 'takes one f32 tensor', inputs);
    if (reductionRuns(squeeze(x.shape, axes).axes).length > 2) {
      throw new ShapeError(
        'sum',
        `axes ${axes.join(', ')} lie in more than two runs; call sum(), which splits them`,
        inputs,
      );
    }
    return [{ shape: keptShape(x.shape, axes), dtype: 'f32' }];
  },
  vjp: ({ inputs: [x], cotangents: [g], attrs: { axes } }) => [
    x && g && broadcastTo(reshape(g, keptShape(x.shape, axes, true)), x.shape),
  ],
  kernels: (args) => {
    const [x] = args.inputs;
    const [out] = args.outputs;
    return x && out ? sumKernels(x, out, geometry(x.shape, args.attrs.axes), args) : [];
  },
});

type Form = 'serial' | 'serial4' | 'along4' | 'parallel';

/** How one pass runs: which entry points, how many chunks an output is cut into, the workgroup's size. */
interface Pass {
  readonly form: Form;
  /** Elements of a chunk. */
  readonly chunk: number;
  readonly chunks: number;
  readonly size: number;
}

/**
 * Software adapters run few invocations at a time, pay for every access and dearly for barriers: one invocation per output,
 * vec4 where shapes allow, cut into chunks only where there are few outputs. GPUs want tens of thousands of invocations and
 * neighbours that read neighbours.
 */
function passFor(device: DeviceTraits, outputs: number, g: Geometry): Pass {
  const length = g.reduced1 * g.reduced2;
  if (device.deviceClass === 'software') {
    const form = g.kept3 % 4 === 0 ? 'serial4' : g.kept3 === 1 && g.reduced2 % 4 === 0 ? 'along4' : 'serial';
    return { form, size: 16, ...chunked(Math.ceil(256 / outputs), length, 128) };
  }
  if (g.kept3 === 1 && length >= 32) {
    return { form: 'parallel', size: length >= 512 ? 256 : 64, ...chunked(Math.ceil(1024 / outputs), length, 1024) };
  }
  return { form: 'serial', size: 64, ...chunked(Math.ceil(32768 / outputs), length, 32) };
}

/** Chunks, a multiple of four elements each and `least` or more; one where there would be only two, 256 at most. */
function chunked(wanted: number, length: number, least: number): { readonly chunk: number; readonly chunks: number } {
  const chunks = Math.min(wanted, 256, Math.floor(length / least));
  if (chunks < 3) return { chunk: length, chunks: 1 };
  const chunk = 4 * Math.ceil(length / chunks / 4);
  return { chunk, chunks: Math.ceil(length / chunk) };
}

function sumKernels(x: Operand, out: Operand, g: Geometry, { device, scratch }: KernelArgs<SumAttrs>): Kernel[] {
  const pass = passFor(device, out.size, g);
  if (pass.chunks === 1) return [sumKernel({ x, out }, g, pass)];
  const partials = scratch([pass.chunks, out.size]);
  const over: Geometry = { kept1: 1, reduced1: 1, kept2: 1, reduced2: pass.chunks, kept3: out.size };
  const second = { ...passFor(device, out.size, over), chunk: pass.chunks, chunks: 1 };
  return [sumKernel({ x, partials }, g, pass), sumKernel({ x: partials, out }, over, second)];
}

interface SumBuffers {
  readonly x: Operand;
  readonly partials?: Operand;
  readonly out?: Operand;
}

function sumKernel(buffers: SumBuffers, g: Geometry, { form, chunk, chunks, size }: Pass): Kernel {
  const outputs = g.kept1 * g.kept2 * g.kept3;
  const lanes = form === 'serial4' ? 4 : 1;
  const inputs = form === 'serial4' || form === 'along4' ? 'x4' : 'x';
  const units = (outputs * chunks) / lanes;
  const { workgroups, width } = foldGroups(form === 'parallel' ? units : Math.ceil(units / size));
  const wide = (name: string) => (lanes === 4 ? `${name}4` : name);
  return {
    shader: 'reduce',
    entry: buffers.partials ? `${form}Partial` : form,
    constants: form === 'parallel' ? { LANES: size } : { WORKGROUP: size },
    uniform: {
      outputs,
      kept2: g.kept2,
      kept3: g.kept3,
      reduced1: g.reduced1,
      reduced2: g.reduced2,
      chunk,
      chunks,
      width: form === 'parallel' ? width : width * size,
    },
    bindings: {
      [inputs]: buffers.x,
      ...(buffers.partials && { [wide('partials')]: buffers.partials }),
      ...(buffers.out && { [wide('out')]: buffers.out }),
    },
    workgroups,
    flops: buffers.x.size,
    bytes: 4 * (buffers.x.size + outputs * chunks),
    ...(buffers.out && { epilogue: lanes }),
  };
}

export interface ReduceOptions {
  /** Leaves the summed axes in the shape with size 1, as NumPy does. */
  readonly keepDims?: boolean;
}

/**
 * Sum over `axes` (negative ones count from the end; all axes when omitted) → the other axes, or all with size 1 there when
 * `keepDims`. Any axes, any rank. Throws ShapeError for an axis that x has not.
 */
export function sum(x: Tensor, axes?: readonly number[], { keepDims = false }: ReduceOptions = {}): Tensor {
  const list = axesOf('sum', x, axes);
  const shape = keptShape(x.shape, list, keepDims);
  if (x.node.op === fullOp.spec) {
    const { value } = x.node.attrs as unknown as { value: number };
    return full(shape, (value * sizeOf(x.shape)) / sizeOf(shape));
  }
  const squeezed = squeeze(x.shape, list);
  let runs = reductionRuns(squeezed.axes);
  let y = runs.length > 0 ? reshape(x, squeezed.shape) : x;
  // From the innermost run outwards, two at a time, so that the axes still to come keep their numbers.
  while (runs.length > 0) {
    y = sumOp.one([y], { axes: runs.slice(-2).flat() });
    runs = runs.slice(0, -2);
  }
  return reshape(y, shape);
}

/** Mean over `axes`, as `sum`. */
export function mean(x: Tensor, axes?: readonly number[], options: ReduceOptions = {}): Tensor {
  const total = sum(x, axes, options);
  return affine(total, sizeOf(total.shape) / sizeOf(x.shape), 0);
}

/** Mean squared distance from the mean over `axes` (divided by the count, not count − 1), in two passes over x. */
export function variance(x: Tensor, axes?: readonly number[], options: ReduceOptions = {}): Tensor {
  return mean(square(sub(x, mean(x, axes, { keepDims: true }))), axes, options);
}

function extremum(kind: 'max' | 'min', x: Tensor, axes: readonly number[] | undefined, options: ReduceOptions): Tensor {
  const list = axesOf(kind, x, axes);
  const squeezed = squeeze(x.shape, list);
  let runs = reductionRuns(squeezed.axes);
  let y = runs.length > 0 ? reshape(x, squeezed.shape) : x;
  while (runs.length > 0) {
    const [value] = extremumOp.apply([y], { kind, axes: runs.slice(-2).flat() });
    if (value) y = value;
    runs = runs.slice(0, -2);
  }
  return reshape(y, keptShape(x.shape, list, options.keepDims));
}

/** Largest element over `axes` (all when omitted). NaN wins. The gradient goes to the first of equal ones alone. */
export function max(x: Tensor, axes?: readonly number[], options: ReduceOptions = {}): Tensor {
  return extremum('max', x, axes, options);
}

/** Smallest element over `axes`, as `max`. */
export function min(x: Tensor, axes?: readonly number[], options: ReduceOptions = {}): Tensor {
  return extremum('min', x, axes, options);
}

/**
 * Number of the largest element, u32: along one axis, or over several, counted row-major over these; the lowest of equal ones.
 * No gradient. Throws ShapeError when the axes lie in more than two runs of neighbours.
 */
export function argmax(x: Tensor, axes?: readonly number[], { keepDims = false }: ReduceOptions = {}): Tensor {
  const list = axesOf('argmax', x, axes);
  const [, index] = extremumOp.apply([x], { kind: 'max', axes: list });
  if (!index) throw new ShapeError('argmax', 'gave no index', [x]);
  return reshape(index, keptShape(x.shape, list, keepDims));
}

/**
 * Sums x over the axes along which `shape` was broadcast to x's: the gradient of a broadcast. Throws ShapeError when `shape` does
 * not broadcast to x's.
 */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const extra = x.shape.length - shape.length;
  const fits = extra >= 0 && shape.every((d, i) => d === 1 || d === x.shape[i + extra]);
  if (!fits) throw new ShapeError('sumTo', `${showShape(shape)} does not broadcast to this shape`, [x]);
  const axes = x.shape.flatMap((d, i) => (i < extra || (shape[i - extra] === 1 && d !== 1) ? [i] : []));
  return reshape(sum(x, axes), shape);
}
