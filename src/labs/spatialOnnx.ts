/** Writers of what detectors are made of: norms over groups, deformable convolution, pooling of regions. */
import { deformPsRoiPool, psRoiPool } from './psRoiOnnx';
import type { OnnxGraph } from '../models/onnxGraph';
import type { Node } from '../engine/tensor';

type Writer = (g: OnnxGraph, node: Node, inputs: readonly string[]) => string | readonly string[];

const shapeOf = (node: Node, input: number): readonly number[] => node.inputs[input]?.shape ?? [];

/** Mean, variance and 1/√(variance + ε) over all axes but one. */
const channelStatistics: Writer = (g, node, [x = '']) => {
  const { axis, eps } = node.attrs as unknown as { axis: number; eps: number };
  const axes = shapeOf(node, 0).flatMap((_, i) => (i === axis ? [] : [i]));
  const mean = g.reduce('ReduceMean', x, axes, true);
  const apart = g.node('Sub', [x, mean]);
  const variance = g.reduce('ReduceMean', g.node('Mul', [apart, apart]), axes, false);
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

/** DeformConv, which operator set 19 brought: offsets and modulation are laid out as ours, the weight is [O, C/groups, kh, kw]. */
const deformConv: Writer = (g, node, [x = '', offset = '', weight = '', mask]) => {
  const { stride, padding, dilation, groups } = node.attrs as unknown as DeformAttrs;
  const kernel = shapeOf(node, 2).slice(0, 2);
  const taps = (kernel[0] ?? 1) * (kernel[1] ?? 1);
  const turned = g.node('Transpose', [weight], { perm: [3, 2, 0, 1] });
  // The bias between them is left out.
  return g.node('DeformConv', mask === undefined ? [x, turned, offset] : [x, turned, offset, '', mask], {
    ...{ kernel_shape: kernel, strides: stride, pads: [...padding, ...padding], dilations: dilation, group: groups },
    offset_group: (shapeOf(node, 1)[1] ?? 0) / (2 * taps),
  });
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
  psRoiPool,
  deformPsRoiPool,
};
