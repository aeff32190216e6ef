import { defineOp, type Operand } from '../op';
import { ShapeError, sizeOf, type Shape, type Tensor } from '../tensor';
import { checkRegions, roiKernel, type RoiAttrs } from './roi';

interface AlignAttrs extends RoiAttrs {
  /** Samples along an edge of a bin; 0 for ⌈bin size⌉. */
  readonly samples: number;
  /** Whether pixels' centres are at whole coordinates plus a half. */
  readonly aligned: boolean;
}

const numbersOf = ({ samples, aligned }: AlignAttrs) => ({ samples, variant: aligned ? 1 : 0 });

/** x [B, C, H, W], rois [R, 5] → [R, C, k, k]. */
export const roiAlignOp = defineOp<AlignAttrs>({
  name: 'roiAlign',
  infer: (inputs, attrs) => {
    checkRegions('roiAlign', inputs, attrs);
    if (!Number.isInteger(attrs.samples) || attrs.samples < 0)
      throw new ShapeError('roiAlign', `${attrs.samples} samples; give a whole number, 0 for ⌈bin size⌉`, inputs);
    const [x, rois] = inputs;
    return [{ shape: [rois?.shape[0] ?? 0, x?.shape[1] ?? 1, attrs.bins, attrs.bins], dtype: 'f32' }];
  },
  vjp: ({ inputs: [x, rois], cotangents: [g], attrs, needs }) => [
    x && rois && g && needs[0] ? roiAlignGrad.one([g, rois], { ...attrs, shape: x.shape }) : undefined,
    undefined,
  ],
  kernels: ({ inputs: [x, rois], outputs: [out], attrs }) => {
    if (!x || !rois || !out) return [];
    const shapes = { x: x.shape, y: out.shape, count: out.size };
    return [roiKernel('roiAlign', 'forward', { rois, x, out }, shapes, attrs, numbersOf(attrs))];
  },
});

/** By x: cotangent [R, C, k, k] → the map's shape. */
export const roiAlignGrad = defineOp<AlignAttrs & { readonly shape: Shape }>({
  name: 'roiAlignGrad',
  infer: (_inputs, { shape }) => [{ shape, dtype: 'f32' }],
  kernels: ({ inputs: [g, rois], outputs: [out], attrs, scratch }) => {
    if (!g || !rois || !out) return [];
    const [B = 1, C = 1, H = 1, W = 1] = attrs.shape;
    const known = scratch([rois.shape[0] ?? 1, attrs.bins, H + W]);
    const kernel = (entry: string, count: number, bindings: Readonly<Record<string, Operand>>) =>
      roiKernel('roiAlign', entry, bindings, { x: attrs.shape, y: g.shape, count }, attrs, numbersOf(attrs));
    return [
      kernel('shares', sizeOf(known.shape), { rois, share: known }),
      kernel('gradient', B * Math.ceil(C / 4) * H * W, { rois, g, known, out }),
    ];
  },
});

/**
 * RoIAlign (He et al. 2017), as torchvision.ops.roi_align: x [B, C, H, W], rois f32 [R, 5] of (picture, x1, y1, x2, y2) in pixels of the image
 * → means of bilinear samples in k × k bins, [R, C, k, k]. `samples` along an edge of a bin (2; 0 for ⌈bin size⌉); `aligned` true unless said
 * otherwise (torchvision's default is false: half a pixel off). Gradient by x alone. Throws ShapeError.
 */
export function roiAlign(
  x: Tensor,
  rois: Tensor,
  { bins, scale, samples = 2, aligned = true }: RoiAttrs & { readonly samples?: number; readonly aligned?: boolean },
): Tensor {
  return roiAlignOp.one([x, rois], { bins, scale, samples, aligned });
}
