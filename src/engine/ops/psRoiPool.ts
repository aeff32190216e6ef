import { defineOp } from '../op';
import { ShapeError, sizeOf, type Shape, type Tensor } from '../tensor';
import { checkRegions, roiKernel, type RoiAttrs } from './roi';

/** How a region's borders become bins: as R-FCN's own kernel has it, or as torchvision.ops.ps_roi_pool. */
export type PsRoiRule = 'rfcn' | 'torchvision';

interface PsAttrs extends RoiAttrs {
  readonly rule: PsRoiRule;
}

const numbersOf = ({ rule }: PsAttrs) => ({ variant: rule === 'torchvision' ? 1 : 0 });

/** x [B, C·k², H, W], rois [R, 5] → [R, C, k, k]. */
export const psRoiPoolOp = defineOp<PsAttrs>({
  name: 'psRoiPool',
  infer: (inputs, attrs) => {
    checkRegions('psRoiPool', inputs, attrs);
    const [x, rois] = inputs;
    const outputs = (x?.shape[1] ?? 1) / attrs.bins ** 2;
    if (!Number.isInteger(outputs))
      throw new ShapeError('psRoiPool', `takes C·k² score maps, a multiple of ${attrs.bins ** 2}`, inputs);
    return [{ shape: [rois?.shape[0] ?? 0, outputs, attrs.bins, attrs.bins], dtype: 'f32' }];
  },
  vjp: ({ inputs: [x, rois], cotangents: [g], attrs, needs }) => [
    x && rois && g && needs[0] ? psRoiPoolGrad.one([g, rois], { ...attrs, shape: x.shape }) : undefined,
    undefined,
  ],
  kernels: ({ inputs: [x, rois], outputs: [out], attrs }) => {
    if (!x || !rois || !out) return [];
    const shapes = { x: x.shape, y: out.shape, count: out.size };
    return [roiKernel('psRoiPool', 'forward', { rois, x, out }, shapes, attrs, numbersOf(attrs))];
  },
});

/** By x: cotangent [R, C, k, k] → the maps' shape. */
export const psRoiPoolGrad = defineOp<PsAttrs & { readonly shape: Shape }>({
  name: 'psRoiPoolGrad',
  infer: (_inputs, { shape }) => [{ shape, dtype: 'f32' }],
  kernels: ({ inputs: [g, rois], outputs: [out], attrs }) => {
    if (!g || !rois || !out) return [];
    const shapes = { x: attrs.shape, y: g.shape, count: sizeOf(attrs.shape) };
    return [roiKernel('psRoiPool', 'gradient', { rois, g, out }, shapes, attrs, numbersOf(attrs))];
  },
});

/**
 * Position-sensitive RoI pooling (R-FCN, Dai et al. 2016): score maps [B, C·k², H, W], channel (c·k + i)·k + j for bin (i, j) of c, rois f32
 * [R, 5] of (picture, x1, y1, x2, y2) in pixels of the image → the mean of each bin's own map, [R, C, k, k]; empty bins give 0. The mean over the
 * bins is the vote. Gradient by the maps alone; that of torchvision's rule is that of its forward, which its backward is not. Throws ShapeError.
 */
export function psRoiPool(
  maps: Tensor,
  rois: Tensor,
  { bins, scale, rule = 'rfcn' }: RoiAttrs & { readonly rule?: PsRoiRule },
): Tensor {
  return psRoiPoolOp.one([maps, rois], { bins, scale, rule });
}
