import { ShapeError, type Shape, type Tensor } from '../tensor';

/** Axes as ascending numbers from 0; all when omitted. Throws ShapeError for one that the tensor has not, or twice the same. */
export function axesOf(op: string, x: Tensor, axes?: readonly number[]): number[] {
  const rank = x.shape.length;
  const list = (axes ?? x.shape.map((_, i) => i)).map((axis) => {
    if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
      throw new ShapeError(op, `there is no axis ${axis}; use ${-rank} to ${rank - 1}`, [x]);
    }
    return axis < 0 ? axis + rank : axis;
  });
  if (new Set(list).size !== list.length) throw new ShapeError(op, `axes ${list.join(', ')} name one twice`, [x]);
  return list.sort((a, b) => a - b);
}

/** What is left of a shape without some axes, or with size 1 there. */
export function keptShape(shape: Shape, axes: readonly number[], keepDims = false): Shape {
  return keepDims ? shape.map((d, i) => (axes.includes(i) ? 1 : d)) : shape.filter((_, i) => !axes.includes(i));
}

/** The shape without its axes of size 1, and the other ones of `axes` as they are numbered there. */
export function squeeze(shape: Shape, axes: readonly number[]): { shape: Shape; axes: number[] } {
  const wide = shape.flatMap((d, axis) => (d === 1 ? [] : [axis]));
  return {
    shape: wide.map((axis) => shape[axis] ?? 1),
    axes: wide.flatMap((axis, i) => (axes.includes(axis) ? [i] : [])),
  };
}

/** Runs of neighbouring axes among `axes` (ascending). */
export function reductionRuns(axes: readonly number[]): number[][] {
  const runs: number[][] = [];
  for (const axis of axes) {
    const last = runs.at(-1);
    if (last?.at(-1) === axis - 1) last.push(axis);
    else runs.push([axis]);
  }
  return runs;
}

/** A shape as [kept1, reduced1, kept2, reduced2, kept3]; where there is one run of reduced axes, kept1 = reduced1 = 1. */
export interface Geometry {
  readonly kept1: number;
  readonly reduced1: number;
  readonly kept2: number;
  readonly reduced2: number;
  readonly kept3: number;
}

/** The geometry of axes in at most two runs. */
export function geometry(shape: Shape, axes: readonly number[]): Geometry {
  const squeezed = squeeze(shape, axes);
  const sizes = [1, 1, 1, 1, 1];
  let segment = reductionRuns(squeezed.axes).length === 2 ? 0 : 2;
  squeezed.shape.forEach((d, axis) => {
    const reduced = segment % 2 === 1;
    if (squeezed.axes.includes(axis) !== reduced) segment++;
    sizes[segment] = (sizes[segment] ?? 1) * d;
  });
  const [kept1 = 1, reduced1 = 1, kept2 = 1, reduced2 = 1, kept3 = 1] = sizes;
  return { kept1, reduced1, kept2, reduced2, kept3 };
}
