/** Writers of what detectors are made of: norms over groups, sampling at learned places, pooling of regions. */
import type { OnnxGraph } from '../models/onnxGraph';
import type { Node } from '../engine/tensor';

type Writer = (g: OnnxGraph, node: Node, inputs: readonly string[]) => string | readonly string[];

const shapeOf = (node: Node, input: number): readonly number[] => node.inputs[input]?.shape ?? [];
const outputShape = (node: Node): readonly number[] => node.outputs[0]?.shape ?? [];

/** Mean, variance and 1/√(variance + ε) over all axes but one. */
const channelStatistics: Writer = (g, node, [x = '']) => {
  const { axis, eps } = node.attrs as unknown as { axis: number; eps: number };
  const axes = shapeOf(node, 0).flatMap((_, i) => (i === axis ? [] : [i]));
  const mean = g.node('ReduceMean', [x], { axes, keepdims: 1 });
  const apart = g.node('Sub', [x, mean]);
  const variance = g.node('ReduceMean', [g.node('Mul', [apart, apart])], { axes, keepdims: 0 });
  const rstd = g.node('Div', [g.float(1), g.node('Sqrt', [g.node('Add', [variance, g.float(eps)])])]);
  return [g.node('Squeeze', [mean, g.integers(axes)]), variance, rstd];
};

/** x [B, G, share, inner] by statistics [B, G, 1, 1] and vectors [G, share, 1]. */
const groupNorm: Writer = (g, _node, [x = '', mean = '', rstd = '', scale = '', shift = '']) => {
  const normed = g.node('Mul', [g.node('Sub', [x, mean]), rstd]);
  return g.node('Add', [g.node('Mul', [normed, scale]), shift]);
};

interface DeformAttrs {
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
}

/**
 * Deformable convolution tap by tap: GridSample reads x at the moved places (bilinear, zeros outside), a product of matrices weighs the channels.
 * ONNX has an operator DeformConv from set 19 on, which ONNX Runtime's WebAssembly build does not run. One set of offsets, one group.
 */
const deformConv: Writer = (g, node, [x = '', offset = '', weight = '', mask]) => {
  const { stride, padding, dilation, groups } = node.attrs as unknown as DeformAttrs;
  const [B = 1, C = 1, H = 1, W = 1] = shapeOf(node, 0);
  const [kh = 1, kw = 1, , O = 1] = shapeOf(node, 2);
  const [, , oH = 1, oW = 1] = outputShape(node);
  if (groups !== 1 || shapeOf(node, 1)[1] !== 2 * kh * kw)
    throw new Error('ONNX export: deformable convolution is written for one group and one set of offsets');
  const cut = (of: string, axis: number, from: number) =>
    g.node('Slice', [of, g.integers([from]), g.integers([from + 1]), g.integers([axis])]);
  /** Channel of `of` [B, n, oH, oW] as [B, oH, oW, 1]. */
  const field = (of: string, channel: number) => g.node('Reshape', [cut(of, 1, channel), g.integers([B, oH, oW, 1])]);
  let sum: string | undefined;
  for (let k = 0; k < kh * kw; k++) {
    const [i, j] = [Math.floor(k / kw), k % kw];
    /** Where the window's tap stands without offsets, and from cells to −1 … 1. */
    const along = (axis: 0 | 1, index: number, length: number) => {
      const start = index * (dilation[axis] ?? 1) - (padding[axis] ?? 0);
      const size = axis === 0 ? oH : oW;
      const places = Float32Array.from({ length: size }, (_, p) => p * (stride[axis] ?? 1) + start);
      const label = `taps.${axis}.${places.join('_').slice(0, 40)}.${size}.${start}`;
      const base = g.floats(label, axis === 0 ? [1, oH, 1, 1] : [1, 1, oW, 1], places);
      const at = g.node('Add', [field(offset, 2 * k + axis), base]);
      const scaled = g.node('Mul', [at, g.float(2 / Math.max(1, length - 1))]);
      return g.node('Sub', [scaled, g.float(1)]);
    };
    const grid = g.node('Concat', [along(1, j, W), along(0, i, H)], { axis: 3 });
    const settings = { mode: 'bilinear', padding_mode: 'zeros', align_corners: 1 };
    const sampled = g.node('GridSample', [x, grid], settings);
    const weighed = mask === undefined ? sampled : g.node('Mul', [sampled, cut(mask, 1, k)]);
    const columns = g.node('Reshape', [weighed, g.integers([B, C, oH * oW])]);
    const tap = g.node('Reshape', [cut(cut(weight, 0, i), 1, j), g.integers([C, O])]);
    const product = g.node('MatMul', [g.node('Transpose', [tap], { perm: [1, 0] }), columns]);
    sum = sum === undefined ? product : g.node('Add', [sum, product]);
  }
  return g.node('Reshape', [sum ?? '', g.integers([B, O, oH, oW])]);
};

/** Regions [R, 5] as boxes [R, 4] and numbers of pictures, int64 [R]. */
function splitRegions(g: OnnxGraph, node: Node, rois: string) {
  const R = shapeOf(node, 1)[0] ?? 0;
  const part = (from: number, to: number) =>
    g.node('Slice', [rois, g.integers([from]), g.integers([to]), g.integers([1])]);
  return {
    boxes: part(1, 5),
    pictures: g.node('Cast', [g.node('Reshape', [part(0, 1), g.integers([R])])], { to: 7 }),
  };
}

const roiAlign: Writer = (g, node, [x = '', rois = '']) => {
  const { bins, scale, samples, aligned } = node.attrs as unknown as {
    readonly bins: number;
    readonly scale: number;
    readonly samples: number;
    readonly aligned: boolean;
  };
  const { boxes, pictures } = splitRegions(g, node, rois);
  return g.node('RoiAlign', [x, boxes, pictures], {
    ...{ mode: 'avg', output_height: bins, output_width: bins, sampling_ratio: samples },
    ...{
      spatial_scale: { float: scale },
      coordinate_transformation_mode: aligned ? 'half_pixel' : 'output_half_pixel',
    },
  });
};

const roiPool: Writer = (g, node, [x = '', rois = '']) => {
  const { bins, scale } = node.attrs as unknown as { readonly bins: number; readonly scale: number };
  return g.node('MaxRoiPool', [x, rois], { pooled_shape: [bins, bins], spatial_scale: { float: scale } });
};

export const SPATIAL_WRITERS: Readonly<Record<string, Writer>> = {
  channelStatistics,
  groupNorm,
  deformConv,
  roiAlign,
  roiPool,
};
