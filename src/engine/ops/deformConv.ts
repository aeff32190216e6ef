import { defineOp, type OpDefinition, type VjpArgs } from '../op';
import { ShapeError, type Shape, type Tensor, type TensorSpec } from '../tensor';
import { convTransposeOp } from './conv';
import { checkAttrs, slidLength, type ConvAttrs } from './convShape';
import {
  deformGeometry,
  forwardKernels,
  tapKernel,
  weightKernels,
  type DeformGeometry,
  type DeformShapes,
} from './deformConvKernel';
import { inverseLists } from './inverseLists';
import { reshape } from './reshape';

/** x [B, C, H, W], offset [B, 2·G·kh·kw, Ho, Wo], weight [kh, kw, C/groups, O] and perhaps mask [B, G·kh·kw, Ho, Wo] → [B, O, Ho, Wo]. */
export const deformConvOp: OpDefinition<ConvAttrs> = defineOp<ConvAttrs>({
  name: 'deformConv',
  infer: (inputs, attrs) => [{ shape: deformed(inputs, attrs), dtype: 'f32' }],
  vjp: gradients,
  kernels: ({ inputs: [x, offset, weight, mask], outputs: [out], attrs, device, scratch }) => {
    if (!x || !offset || !weight || !out) return [];
    const g = deformGeometry({ x: x.shape, offset: offset.shape, kernel: weight.shape, y: out.shape }, attrs);
    return forwardKernels(device, { x, offset, mask, w: weight, out }, g, (shape) => scratch(shape));
  },
});

/** Attributes with the shapes that a gradient cannot read off its inputs. */
interface GradientAttrs extends ConvAttrs, DeformShapes {
  readonly masked: boolean;
}

function gradients({ inputs, cotangents: [dy], attrs, needs }: VjpArgs<ConvAttrs>): (Tensor | undefined)[] {
  const [x, offset, weight, mask] = inputs;
  if (!x || !offset || !weight || !dy) return [];
  const own: GradientAttrs = {
    ...attrs,
    x: x.shape,
    offset: offset.shape,
    kernel: weight.shape,
    y: dy.shape,
    masked: mask !== undefined,
  };
  const modulated = mask ? [mask] : [];
  const made: (Tensor | undefined)[] = [undefined, undefined, undefined, undefined];
  if (needs[2]) made[2] = deformConvWeightGrad.one([x, offset, dy, ...modulated], own);
  if (!needs[0] && !needs[1] && !needs[3]) return made;
  const columns = columnGradient(dy, weight, attrs.groups);
  if (needs[0]) {
    const g = deformGeometry(own, attrs);
    const { order, starts } = inverseLists(deformCellsOp.one([offset], own), (g.iH + 1) * (g.iW + 1));
    made[0] = deformConvInputGrad.one([offset, columns, order, starts, ...modulated], own);
  }
  if (needs[1] || needs[3]) {
    const [byOffset, byMask] = deformConvOffsetGrad.apply([x, offset, columns, ...modulated], own);
    if (needs[1]) made[1] = byOffset;
    if (needs[3]) made[3] = byMask;
  }
  return made;
}

/** a[b, g, k, s, p] = Σ_o w[k, s, o] dy[b, o, p] over the outputs of group g: [B, groups · K · C/groups, Ho, Wo]. */
function columnGradient(dy: Tensor, weight: Tensor, groups: number): Tensor {
  const [kh = 1, kw = 1, channels = 1, O = 1] = weight.shape;
  const attrs = { stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups, lengths: dy.shape.slice(2) };
  return convTransposeOp.one([dy, reshape(weight, [1, 1, kh * kw * channels, O])], attrs);
}

/** The cell that each tap falls in: offset → u32 [B·G, K·P], below (H + 1)(W + 1), or that where it reads nothing. */
export const deformCellsOp = defineOp<GradientAttrs>({
  name: 'deformCells',
  infer: (_inputs, attrs) => {
    const g = deformGeometry(attrs, attrs);
    return [{ shape: [g.batch * g.deformGroups, g.kH * g.kW * g.oH * g.oW], dtype: 'u32' }];
  },
  kernels: ({ inputs: [offset], outputs: [cell], attrs }) => {
    if (!offset || !cell) return [];
    return [tapKernel('cells', { offset, cell }, deformGeometry(attrs, attrs), cell.size)];
  },
});

/** By x: offset, column gradient, the cells' inverse lists, perhaps the mask → [B, C, H, W]. */
export const deformConvInputGrad = defineOp<GradientAttrs>({
  name: 'deformConvInputGrad',
  infer: (_inputs, { x }) => [{ shape: x, dtype: 'f32' }],
  kernels: ({ inputs: [offset, a, order, starts, mask], outputs: [gradient], attrs, device }) => {
    if (!offset || !a || !order || !starts || !gradient) return [];
    const g = deformGeometry(attrs, attrs);
    const blocks = device.deviceClass === 'software' && g.run > 4 ? 4 : 1;
    const count = g.batch * (g.channels / g.run) * Math.ceil(g.run / (4 * blocks)) * g.iH * g.iW;
    const bindings = { offset, mask: mask ?? offset, a, order, starts, gradient };
    return [tapKernel('inputGradient', bindings, g, count, { MASKED: attrs.masked ? 1 : 0, BLOCKS: blocks })];
  },
});

/** By the offset, and by the mask where there is one: x, offset, column gradient, perhaps the mask. */
export const deformConvOffsetGrad = defineOp<GradientAttrs>({
  name: 'deformConvOffsetGrad',
  infer: (inputs, { offset }) => {
    const mask = inputs[3];
    const own: TensorSpec = { shape: offset, dtype: 'f32' };
    return mask ? [own, { shape: mask.shape, dtype: 'f32' }] : [own];
  },
  kernels: ({ inputs: [x, offset, a, mask], outputs: [gradient, maskGradient], attrs }) => {
    if (!x || !offset || !a || !gradient) return [];
    const g = deformGeometry(attrs, attrs);
    const bindings = { x, offset, mask: mask ?? offset, a, gradient };
    if (!maskGradient) return [tapKernel('offsetGradient', bindings, g, gradient.size / 2, { MASKED: 0 })];
    return [tapKernel('offsetMaskGradient', { ...bindings, maskGradient }, g, gradient.size / 2, { MASKED: 1 })];
  },
});

/** By the weight: x, offset, dy, perhaps the mask → [kh, kw, C/groups, O]. */
export const deformConvWeightGrad = defineOp<GradientAttrs>({
  name: 'deformConvWeightGrad',
  infer: (_inputs, { kernel }) => [{ shape: kernel, dtype: 'f32' }],
  kernels: ({ inputs: [x, offset, dy, mask], outputs: [out], attrs, device, scratch }) => {
    if (!x || !offset || !dy || !out) return [];
    const g: DeformGeometry = deformGeometry(attrs, attrs);
    return weightKernels(device, { x, offset, mask, dy, out }, g, (shape) => scratch(shape));
  },
});

/** The shape of the result. Throws ShapeError. */
function deformed(inputs: readonly TensorSpec[], attrs: ConvAttrs): Shape {
  const [x, offset, weight, mask] = inputs;
  checkAttrs('deformConv', 2, attrs, inputs);
  const [kh = 0, kw = 0, channels = 0, outputs = 0] = weight?.shape ?? [];
  const { stride, padding, dilation, groups } = attrs;
  if (x?.shape.length !== 4 || weight?.shape.length !== 4 || x.shape[1] !== channels * groups || outputs % groups !== 0)
    throw new ShapeError(
      'deformConv',
      `takes x [B, C, H, W] and weight [kh, kw, C/groups, O], O a multiple of groups = ${groups}`,
      inputs,
    );
  const lengths = [kh, kw].map((n, i) =>
    slidLength(x.shape[i + 2] ?? 0, n, stride[i] ?? 1, padding[i] ?? 0, dilation[i] ?? 1),
  );
  if (lengths.some((n) => n < 1))
    throw new ShapeError('deformConv', 'the kernel is larger than the padded input; pad more', inputs);
  const groupsOfOffsets = (offset?.shape[1] ?? 0) / (2 * kh * kw);
  const own = (factor: number) => [x.shape[0], factor * groupsOfOffsets * kh * kw, ...lengths].join();
  if (
    !Number.isInteger(groupsOfOffsets) ||
    groupsOfOffsets < 1 ||
    (channels * groups) % groupsOfOffsets !== 0 ||
    offset?.shape.join() !== own(2) ||
    (mask && mask.shape.join() !== own(1))
  )
    throw new ShapeError(
      'deformConv',
      `takes offset [B, 2·G·${kh * kw}, ${lengths.join(', ')}] and mask [B, G·${kh * kw}, ${lengths.join(', ')}], C a multiple of G`,
      inputs,
    );
  return [x.shape[0] ?? 1, outputs, ...lengths];
}

export interface DeformConvOptions {
  /** A number for both axes, or one for each. Stride and dilation 1 and padding 0 when omitted. */
  readonly stride?: number | Shape;
  readonly padding?: number | Shape;
  readonly dilation?: number | Shape;
  readonly groups?: number;
  /** Modulation of each tap, [B, G·kh·kw, Ho, Wo] (version 2). */
  readonly mask?: Tensor;
}

/**
 * Deformable convolution (Dai et al. 2017; with a mask: Zhu et al. 2019), as torchvision.ops.deform_conv2d: x [B, C, H, W], offset
 * [B, 2·G·kh·kw, Ho, Wo] in pixels (per tap Δy, Δx; G deformable groups), weight [kh, kw, C/groups, O] → [B, O, Ho, Wo]. Samples are
 * bilinear with zeros outside, and nothing at −1 or H and beyond. Gradients by all four, deterministic. Throws ShapeError.
 */
export function deformConv(x: Tensor, offset: Tensor, weight: Tensor, options: DeformConvOptions = {}): Tensor {
  const both = (value: number | Shape | undefined, omitted: number): Shape =>
    typeof value === 'object' ? value : [value ?? omitted, value ?? omitted];
  const attrs = {
    stride: both(options.stride, 1),
    padding: both(options.padding, 0),
    dilation: both(options.dilation, 1),
    groups: options.groups ?? 1,
  };
  return deformConvOp.one([x, offset, weight, ...(options.mask ? [options.mask] : [])], attrs);
}
