/** Shapes, numbers and dispatches of region pooling (shaders/include/roi.wgsl). */
import type { Kernel, Operand } from '../op';
import { ShapeError, type Shape, type TensorSpec } from '../tensor';
import { lineGrid } from './grid';

/** What all region pooling needs. */
export interface RoiAttrs {
  /** Bins along an edge, k. */
  readonly bins: number;
  /** 1/stride of the map: regions are in pixels of the image. */
  readonly scale: number;
}

/** Throws ShapeError unless x is [B, C, H, W], rois f32 [R, 5], bins a count and the scale positive. */
export function checkRegions(op: string, inputs: readonly TensorSpec[], { bins, scale }: RoiAttrs): void {
  const [x, rois] = inputs;
  if (x?.shape.length !== 4 || rois?.dtype !== 'f32' || rois.shape.length !== 2 || rois.shape[1] !== 5)
    throw new ShapeError(op, 'takes x [B, C, H, W] and regions f32 [R, 5] of (picture, x1, y1, x2, y2)', inputs);
  if (!Number.isInteger(bins) || bins < 1 || !(scale > 0))
    throw new ShapeError(op, `${bins} bins at scale ${scale}; give one bin or more and a positive scale`, inputs);
}

/** What differs between the kinds of pooling. */
export interface RoiNumbers {
  readonly samples?: number;
  readonly variant?: number;
  readonly group?: number;
  readonly parts?: number;
  readonly classes?: number;
  readonly gamma?: number;
}

/** A dispatch over `count` invocations; x and y are the shapes of the map and of the pooled regions. */
export function roiKernel(
  shader: string,
  entry: string,
  bindings: Readonly<Record<string, Operand>>,
  shapes: { readonly x: Shape; readonly y: Shape; readonly count: number },
  { bins, scale }: RoiAttrs,
  numbers: RoiNumbers = {},
): Kernel {
  const [, channels = 1, iH = 1, iW = 1] = shapes.x;
  const [regions = 1, outputs = 1] = shapes.y;
  const { workgroups, count, width } = lineGrid(shapes.count);
  const { samples = 0, variant = 0, group = 1, parts = 1, classes = 1, gamma = 0 } = numbers;
  const own = { samples, variant, group, parts, classes, scale, gamma };
  return {
    shader,
    entry,
    uniform: { count, width, regions, channels, iH, iW, bins, outputs, ...own },
    bindings,
    workgroups,
  };
}
