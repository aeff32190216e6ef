import { defineOp, type OpDefinition } from '../op';
import { ShapeError, sizeOf, type Shape, type Tensor } from '../tensor';
import { checkRegions, roiKernel, type RoiAttrs } from './roi';

interface DeformPsAttrs extends RoiAttrs {
  /** Position-sensitive maps along an edge: k as in R-FCN, or 1 for plain deformable RoI pooling. */
  readonly group: number;
  /** Samples along an edge of a bin. */
  readonly samples: number;
  /** What the normalised offsets are multiplied by, γ. */
  readonly gamma: number;
}

/** x [B, C·group², H, W], rois [R, 5], perhaps trans [R, 2·classes, parts, parts] → [R, C, k, k]. */
export const deformPsRoiPoolOp: OpDefinition<DeformPsAttrs> = defineOp<DeformPsAttrs>({
  name: 'deformPsRoiPool',
  infer: (inputs, attrs) => {
    checkRegions('deformPsRoiPool', inputs, attrs);
    const [x, rois, trans] = inputs;
    const { group, samples, bins } = attrs;
    const outputs = (x?.shape[1] ?? 1) / group ** 2;
    if (![outputs, group, samples].every(Number.isInteger) || group < 1 || samples < 1)
      throw new ShapeError('deformPsRoiPool', `takes C·group² maps with group ${group}, ${samples} samples`, inputs);
    const [R, pairs = 0, parts = 0, across] = trans?.shape ?? [rois?.shape[0], 2, 1, 1];
    if (
      R !== rois?.shape[0] ||
      pairs < 2 ||
      pairs % 2 !== 0 ||
      outputs % (pairs / 2) !== 0 ||
      parts !== across ||
      parts < 1
    )
      throw new ShapeError(
        'deformPsRoiPool',
        `takes offsets [R, 2·classes, parts, parts], the ${outputs} outputs a multiple of classes`,
        inputs,
      );
    return [{ shape: [R ?? 0, outputs, bins, bins], dtype: 'f32' }];
  },
  vjp: ({ inputs: [x, rois, trans], cotangents: [g], attrs, needs }) => {
    if (!x || !rois || !g) return [];
    const moved = trans ? [trans] : [];
    return [
      needs[0] ? deformPsRoiPoolGrad.one([g, rois, ...moved], { ...attrs, shape: x.shape }) : undefined,
      undefined,
      trans && needs[2] ? deformPsRoiTransGrad.one([x, rois, trans, g], attrs) : undefined,
    ];
  },
  kernels: ({ inputs: [x, rois, trans], outputs: [out], attrs }) => {
    if (!x || !rois || !out) return [];
    const shapes = { x: x.shape, y: out.shape, count: out.size };
    return [kernel('forward', { rois, x, trans: trans ?? rois, out }, shapes, attrs, trans?.shape)];
  },
});

/** By x: cotangent, regions, perhaps trans → the map's shape. */
export const deformPsRoiPoolGrad = defineOp<DeformPsAttrs & { readonly shape: Shape }>({
  name: 'deformPsRoiPoolGrad',
  infer: (_inputs, { shape }) => [{ shape, dtype: 'f32' }],
  kernels: ({ inputs: [g, rois, trans], outputs: [out], attrs }) => {
    if (!g || !rois || !out) return [];
    const shapes = { x: attrs.shape, y: g.shape, count: sizeOf(attrs.shape) };
    return [kernel('gradient', { rois, trans: trans ?? rois, g, out }, shapes, attrs, trans?.shape)];
  },
});

/** By trans. */
export const deformPsRoiTransGrad = defineOp<DeformPsAttrs>({
  name: 'deformPsRoiTransGrad',
  infer: ([, , trans]) => [{ shape: trans?.shape ?? [], dtype: 'f32' }],
  kernels: ({ inputs: [x, rois, trans, g], outputs: [out], attrs }) => {
    if (!x || !rois || !trans || !g || !out) return [];
    const shapes = { x: x.shape, y: g.shape, count: out.size / 2 };
    return [kernel('transGradient', { rois, x, trans, g, out }, shapes, attrs, trans.shape)];
  },
});

type Args = Parameters<typeof roiKernel>;

function kernel(entry: string, bindings: Args[2], shapes: Args[3], attrs: DeformPsAttrs, trans: Shape | undefined) {
  const { group, samples, gamma } = attrs;
  const [, pairs = 2, parts = 1] = trans ?? [];
  const numbers = { group, samples, gamma, parts, classes: pairs / 2 };
  const made = roiKernel('deformPsRoiPool', entry, bindings, shapes, attrs, numbers);
  return { ...made, constants: { MOVED: trans ? 1 : 0 } };
}

export interface DeformPsRoiOptions extends RoiAttrs {
  readonly group?: number;
  readonly samples?: number;
  readonly gamma?: number;
  /** Offsets of the parts as shares of the region's size, [R, 2·classes, parts, parts]: channel 2c is x, 2c + 1 is y. None when omitted. */
  readonly trans?: Tensor;
}

/**
 * Deformable position-sensitive RoI pooling (Dai et al. 2017, as its own kernel has it): maps [B, C·group², H, W], rois f32 [R, 5] of
 * (picture, x1, y1, x2, y2) in pixels of the image → means of samples × samples (4) bilinear samples in k × k bins, each moved by γ (0.1)
 * times its offset, [R, C, k, k]. `group` is k unless said otherwise; with 1 it is deformable RoI pooling of plain features. Gradients by maps
 * and offsets. Throws ShapeError.
 */
export function deformPsRoiPool(maps: Tensor, rois: Tensor, options: DeformPsRoiOptions): Tensor {
  const { bins, scale, group = bins, samples = 4, gamma = 0.1, trans } = options;
  return deformPsRoiPoolOp.one([maps, rois, ...(trans ? [trans] : [])], { bins, scale, group, samples, gamma });
}
