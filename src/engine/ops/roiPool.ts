import { defineOp } from '../op';
import { sizeOf, type Shape, type Tensor } from '../tensor';
import { checkRegions, roiKernel, type RoiAttrs } from './roi';

/** x [B, C, H, W], rois [R, 5] → the largest of each bin f32 [R, C, k, k], and its place in its plane u32 (2³² − 1: the bin is empty). */
export const roiPoolOp = defineOp<RoiAttrs>({
  name: 'roiPool',
  infer: (inputs, attrs) => {
    checkRegions('roiPool', inputs, attrs);
    const [x, rois] = inputs;
    const shape = [rois?.shape[0] ?? 0, x?.shape[1] ?? 1, attrs.bins, attrs.bins];
    return [
      { shape, dtype: 'f32' },
      { shape, dtype: 'u32' },
    ];
  },
  vjp: ({ inputs: [x, rois], outputs: [, chosen], cotangents: [g], attrs, needs }) => [
    x && rois && chosen && g && needs[0] ? roiPoolGrad.one([g, rois, chosen], { ...attrs, shape: x.shape }) : undefined,
    undefined,
  ],
  kernels: ({ inputs: [x, rois], outputs: [out, chosen], attrs }) => {
    if (!x || !rois || !out || !chosen) return [];
    const shapes = { x: x.shape, y: out.shape, count: out.size };
    return [roiKernel('roiPool', 'forward', { rois, x, out, chosen }, shapes, attrs)];
  },
});

/** By x: cotangent and places [R, C, k, k] → the map's shape. */
export const roiPoolGrad = defineOp<RoiAttrs & { readonly shape: Shape }>({
  name: 'roiPoolGrad',
  infer: (_inputs, { shape }) => [{ shape, dtype: 'f32' }],
  kernels: ({ inputs: [g, rois, taken], outputs: [out], attrs }) => {
    if (!g || !rois || !taken || !out) return [];
    const shapes = { x: attrs.shape, y: g.shape, count: sizeOf(attrs.shape) };
    return [roiKernel('roiPool', 'gradient', { rois, g, taken, out }, shapes, attrs)];
  },
});

/**
 * RoI pooling (Girshick 2015), as torchvision.ops.roi_pool: x [B, C, H, W], rois f32 [R, 5] of (picture, x1, y1, x2, y2) in pixels of the
 * image → the largest of each of k × k bins, [R, C, k, k]; empty bins give 0. Gradient by x alone. Throws ShapeError.
 */
export function roiPool(x: Tensor, rois: Tensor, attrs: RoiAttrs): Tensor {
  return roiPoolOp.one([x, rois], attrs);
}
