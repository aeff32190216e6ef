/** Shapes and numbers of a convolution over one, two or three spatial axes. */
import { ShapeError, sizeOf, type Shape, type TensorSpec } from '../tensor';

export interface ConvAttrs {
  /** One number for each spatial axis. */
  readonly stride: Shape;
  /** Zeros before and after each axis. */
  readonly padding: Shape;
  readonly dilation: Shape;
  /** Output channels of group g see the input channels of group g alone. */
  readonly groups: number;
}

/** Length of an axis after a window has slid over it; 0 or less where the window does not fit. */
export function slidLength(length: number, kernel: number, stride: number, padding: number, dilation: number): number {
  return Math.floor((length + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
}

/** Attributes that fit a number of axes. Throws ShapeError for a wrong count or number. */
export function checkAttrs(op: string, axes: number, attrs: ConvAttrs, inputs: readonly TensorSpec[]): void {
  const { stride, padding, dilation, groups } = attrs;
  if (axes < 1 || axes > 3) {
    throw new ShapeError(op, 'takes x [B, C, ...] with one, two or three spatial axes', inputs);
  }
  const whole = (list: Shape, least: number) =>
    list.length === axes && list.every((n) => Number.isInteger(n) && n >= least);
  if (!whole(stride, 1) || !whole(padding, 0) || !whole(dilation, 1)) {
    throw new ShapeError(
      op,
      `give one whole stride and dilation ≥ 1 and padding ≥ 0 for each of ${axes} axes; they are [${stride.join(', ')}], [${dilation.join(', ')}], [${padding.join(', ')}]`,
      inputs,
    );
  }
  if (!Number.isInteger(groups) || groups < 1) throw new ShapeError(op, `groups is ${groups}; use 1 or more`, inputs);
}

/** All that the kernels need to know; axes that are not there have length 1. */
export interface ConvGeometry {
  readonly batch: number;
  readonly groups: number;
  /** Channels of one group. */
  readonly inputs: number;
  readonly outputs: number;
  /** Lengths as [D, H, W]. */
  readonly input: Axes;
  readonly output: Axes;
  readonly kernel: Axes;
  readonly stride: Axes;
  readonly padding: Axes;
  readonly dilation: Axes;
}

export type Axes = readonly [number, number, number];

export function threeAxes(list: Shape, filler: number): Axes {
  const [d = filler, h = filler, w = filler] = [...new Array<number>(3 - list.length).fill(filler), ...list];
  return [d, h, w];
}

/** The geometry of x [B, C, ...], weight [kernel..., C/groups, O] and y [B, O, ...]. */
export function convGeometry(x: Shape, weight: Shape, y: Shape, attrs: ConvAttrs): ConvGeometry {
  const { groups } = attrs;
  return {
    batch: x[0] ?? 1,
    groups,
    inputs: (x[1] ?? 1) / groups,
    outputs: (y[1] ?? 1) / groups,
    input: threeAxes(x.slice(2), 1),
    output: threeAxes(y.slice(2), 1),
    kernel: threeAxes(weight.slice(0, -2), 1),
    stride: threeAxes(attrs.stride, 1),
    padding: threeAxes(attrs.padding, 0),
    dilation: threeAxes(attrs.dilation, 1),
  };
}

/** Multiply-adds of one convolution, twice: what the profile counts. */
export function convFlops(g: ConvGeometry): number {
  return 2 * g.batch * g.groups * g.inputs * g.outputs * sizeOf(g.kernel) * sizeOf(g.output);
}
