import type { DeviceTraits } from '../../gpu/device';
import { defineOp, type Kernel, type Operand } from '../op';
import { ShapeError, sizeOf, type Shape, type Tensor, type TensorSpec } from '../tensor';
import { byAxis } from './convKernel';
import { slidLength, threeAxes } from './convShape';
import { lineGrid } from './grid';

interface PoolAttrs {
  /** One number for each spatial axis. */
  readonly kernel: Shape;
  readonly stride: Shape;
  readonly padding: Shape;
}

interface AverageAttrs extends PoolAttrs {
  /** Whether zeros outside count, as PyTorch has it by default. */
  readonly countPadding: boolean;
}

/** The shape of a pooling's result. Throws ShapeError. */
function pooled(op: string, x: TensorSpec | undefined, { kernel, stride, padding }: PoolAttrs): Shape {
  const axes = (x?.shape.length ?? 0) - 2;
  if (!x || axes < 1 || axes > 3)
    throw new ShapeError(op, 'takes x [B, C, ...] with one to three spatial axes', x && [x]);
  const whole = (list: Shape, least: number) =>
    list.length === axes && list.every((n) => Number.isInteger(n) && n >= least);
  const narrow = padding.every((n, i) => n < (kernel[i] ?? 1));
  if (!whole(kernel, 1) || !whole(stride, 1) || !whole(padding, 0) || !narrow) {
    throw new ShapeError(
      op,
      `give a whole kernel and stride ≥ 1 and a padding below the kernel for each of ${axes} axes; they are [${kernel.join(', ')}], [${stride.join(', ')}], [${padding.join(', ')}]`,
      [x],
    );
  }
  const lengths = x.shape.slice(2).map((n, i) => slidLength(n, kernel[i] ?? 1, stride[i] ?? 1, padding[i] ?? 0, 1));
  if (lengths.some((n) => n < 1)) throw new ShapeError(op, 'the window is larger than the padded input', [x]);
  return [...x.shape.slice(0, 2), ...lengths];
}

/** The dispatch of an entry point of shaders/pool.wgsl; x and y are the shapes of the pooling's input and output. */
function poolKernel(
  device: DeviceTraits,
  entry: string,
  bindings: Readonly<Record<string, Operand>> & { readonly out: Operand },
  { x, y, attrs, all }: { x: Shape; y: Shape; attrs: PoolAttrs; all?: boolean },
): Kernel {
  const size = device.deviceClass === 'software' ? 16 : 64;
  const { workgroups, count, width } = lineGrid(bindings.out.size, size);
  return {
    shader: 'pool',
    entry,
    constants: { WORKGROUP: size, ...(all !== undefined && { ALL: all ? 1 : 0 }) },
    uniform: {
      count,
      width,
      ...byAxis('i', threeAxes(x.slice(2), 1)),
      ...byAxis('o', threeAxes(y.slice(2), 1)),
      ...byAxis('k', threeAxes(attrs.kernel, 1)),
      ...byAxis('stride', threeAxes(attrs.stride, 1)),
      ...byAxis('padding', threeAxes(attrs.padding, 0)),
    },
    bindings,
    workgroups,
    flops: sizeOf(attrs.kernel) * sizeOf(y),
    epilogue: 1,
  };
}

/** x [B, C, ...] → the largest element of each window, f32, and where it lies in its plane, u32: the first of equal ones; NaN wins. */
export const maxPoolOp = defineOp<PoolAttrs>({
  name: 'maxPool',
  infer: ([x], attrs) => {
    const shape = pooled('maxPool', x, attrs);
    return [
      { shape, dtype: 'f32' },
      { shape, dtype: 'u32' },
    ];
  },
  vjp: ({ inputs: [x], outputs: [, index], cotangents: [dy], attrs }) => [
    x && index && dy && maxPoolGradOp.one([dy, index], { ...attrs, shape: x.shape }),
  ],
  kernels: ({ inputs: [x], outputs: [out, indices], attrs, device }) => {
    if (!x || !out || !indices) return [];
    return [poolKernel(device, 'maximum', { x, indices, out }, { x: x.shape, y: out.shape, attrs })];
  },
});

/** dx of `maxPool` from dy and the chosen places. */
export const maxPoolGradOp = defineOp<PoolAttrs & { readonly shape: Shape }>({
  name: 'maxPoolGrad',
  infer: (_inputs, { shape }) => [{ shape, dtype: 'f32' }],
  kernels: ({ inputs: [dy, chosen], outputs: [out], attrs, device }) => {
    if (!dy || !chosen || !out) return [];
    return [poolKernel(device, 'maximumGradient', { dy, chosen, out }, { x: attrs.shape, y: dy.shape, attrs })];
  },
});

/** x [B, C, ...] → the mean of each window. */
export const averagePoolOp = defineOp<AverageAttrs>({
  name: 'averagePool',
  infer: ([x], attrs) => [{ shape: pooled('averagePool', x, attrs), dtype: 'f32' }],
  vjp: ({ inputs: [x], cotangents: [dy], attrs }) => [
    x && dy && averagePoolGradOp.one([dy], { ...attrs, shape: x.shape }),
  ],
  kernels: ({ inputs: [x], outputs: [out], attrs, device }) => {
    if (!x || !out) return [];
    const shapes = { x: x.shape, y: out.shape, attrs, all: attrs.countPadding };
    return [poolKernel(device, 'average', { x, out }, shapes)];
  },
});

/** dx of `averagePool`. */
export const averagePoolGradOp = defineOp<AverageAttrs & { readonly shape: Shape }>({
  name: 'averagePoolGrad',
  infer: (_inputs, { shape }) => [{ shape, dtype: 'f32' }],
  kernels: ({ inputs: [dy], outputs: [out], attrs, device }) => {
    if (!dy || !out) return [];
    const shapes = { x: attrs.shape, y: dy.shape, attrs, all: attrs.countPadding };
    return [poolKernel(device, 'averageGradient', { dy, out }, shapes)];
  },
});

export interface PoolOptions {
  /** A number for all axes, or one for each. The stride is the kernel's size when omitted, padding 0. */
  readonly kernel: number | Shape;
  readonly stride?: number | Shape;
  readonly padding?: number | Shape;
}

function attrsOf(x: Tensor, { kernel, stride, padding }: PoolOptions): PoolAttrs {
  const each = (value: number | Shape): Shape =>
    typeof value === 'object' ? value : new Array<number>(Math.max(1, x.shape.length - 2)).fill(value);
  return { kernel: each(kernel), stride: each(stride ?? kernel), padding: each(padding ?? 0) };
}

/**
 * Max pooling over one to three spatial axes: x [B, C, ...] → [B, C, ...]. The gradient goes to the first of equal elements. Pool
 * over whole planes by `max` of reduce. Throws ShapeError.
 */
export function maxPool(x: Tensor, options: PoolOptions): Tensor {
  return maxPoolWithIndex(x, options).value;
}

/** As `maxPool`, with the places chosen: u32, counted within each plane, row-major. */
export function maxPoolWithIndex(x: Tensor, options: PoolOptions): { readonly value: Tensor; readonly index: Tensor } {
  const [value, index] = maxPoolOp.apply([x], attrsOf(x, options));
  if (!value || !index) throw new ShapeError('maxPool', 'gave no result', [x]);
  return { value, index };
}

/**
 * Average pooling over one to three spatial axes: x [B, C, ...] → [B, C, ...]. Zeros outside count unless `countPadding` is false. Pool over
 * whole planes by `mean` of reduce. Throws ShapeError.
 */
export function averagePool(x: Tensor, options: PoolOptions & { readonly countPadding?: boolean }): Tensor {
  return averagePoolOp.one([x], { ...attrsOf(x, options), countPadding: options.countPadding ?? true });
}
