import { defineOp, type OpDefinition } from '../op';
import { ShapeError, type Shape, type Tensor, type TensorSpec } from '../tensor';
import { forwardProduct, gatherKernel, transposedProduct } from './convKernel';
import { checkAttrs, convGeometry, slidLength, type ConvAttrs } from './convShape';
import { convWeightGradOp } from './convWeight';
import { matmul } from './matmul';
import { reshape } from './reshape';

/** x [B, C, ...] ⋆ weight [kernel..., C/groups, O] → [B, O, ...]. */
export const convOp: OpDefinition<ConvAttrs> = defineOp<ConvAttrs>({
  name: 'conv',
  infer: (inputs, attrs) => [{ shape: slid('conv', inputs, attrs), dtype: 'f32' }],
  vjp: ({ inputs: [x, w], cotangents: [dy], attrs, needs }) => {
    if (!x || !w || !dy) return [undefined, undefined];
    return [
      needs[0] ? convTransposeOp.one([dy, w], { ...attrs, lengths: x.shape.slice(2) }) : undefined,
      needs[1] ? convWeightGradOp.one([x, dy], { ...attrs, kernel: w.shape.slice(0, -2) }) : undefined,
    ];
  },
  kernels: ({ inputs: [x, w], outputs: [out], attrs, device }) => {
    if (!x || !w || !out) return [];
    const g = convGeometry(x.shape, w.shape, out.shape, attrs);
    return [gatherKernel(device, { x, w, out }, g, forwardProduct(g))];
  },
});

interface TransposeAttrs extends ConvAttrs {
  /** Spatial lengths of the result: of all that a convolution of these attributes takes to the given lengths. */
  readonly lengths: Shape;
}

/** The transposed map of `conv` with the same attributes: y [B, O, ...], weight [kernel..., C/groups, O] → [B, C, ...lengths]. */
export const convTransposeOp: OpDefinition<TransposeAttrs> = defineOp<TransposeAttrs>({
  name: 'convTranspose',
  infer: (inputs, attrs) => {
    const [y, w] = inputs;
    const axes = attrs.lengths.length;
    checkAttrs('convTranspose', axes, attrs, inputs);
    if (!y || !w || y.shape.length !== axes + 2 || w.shape.length !== axes + 2 || y.shape[1] !== w.shape.at(-1)) {
      throw new ShapeError('convTranspose', 'takes y [B, O, ...] and weight [kernel..., C/groups, O]', inputs);
    }
    const shape = [y.shape[0] ?? 1, (w.shape.at(-2) ?? 1) * attrs.groups, ...attrs.lengths];
    const back = slid('convTranspose', [{ shape, dtype: 'f32' }, w], attrs);
    if (back.join() !== y.shape.join()) {
      throw new ShapeError(
        'convTranspose',
        `a convolution of lengths ${attrs.lengths.join(', ')} gives [${back.join(', ')}]; give lengths that it takes to those of y`,
        inputs,
      );
    }
    return [{ shape, dtype: 'f32' }];
  },
  vjp: ({ inputs: [y, w], cotangents: [dx], attrs: { lengths: _lengths, ...attrs }, needs }) => {
    if (!y || !w || !dx) return [undefined, undefined];
    return [
      needs[0] ? convOp.one([dx, w], attrs) : undefined,
      needs[1] ? convWeightGradOp.one([dx, y], { ...attrs, kernel: w.shape.slice(0, -2) }) : undefined,
    ];
  },
  kernels: ({ inputs: [y, w], outputs: [out], attrs, device }) => {
    if (!y || !w || !out) return [];
    const g = convGeometry(out.shape, w.shape, y.shape, attrs);
    return [gatherKernel(device, { x: y, w, out }, g, transposedProduct(g))];
  },
});

/** The shape of a convolution's result. Throws ShapeError. */
function slid(op: string, inputs: readonly TensorSpec[], attrs: ConvAttrs): Shape {
  const [x, w] = inputs;
  const axes = (x?.shape.length ?? 0) - 2;
  checkAttrs(op, axes, attrs, inputs);
  const { stride, padding, dilation, groups } = attrs;
  const [channels = 0, outputs = 0] = w?.shape.slice(-2) ?? [];
  if (!x || w?.shape.length !== axes + 2 || x.shape[1] !== channels * groups || outputs % groups !== 0) {
    throw new ShapeError(
      op,
      `takes x [B, C, ...] and weight [kernel..., C/groups, O] with as many axes, O a multiple of groups = ${groups}`,
      inputs,
    );
  }
  const lengths = x.shape
    .slice(2)
    .map((n, i) => slidLength(n, w.shape[i] ?? 1, stride[i] ?? 1, padding[i] ?? 0, dilation[i] ?? 1));
  if (lengths.some((n) => n < 1)) {
    throw new ShapeError(op, 'the kernel is larger than the padded input; pad more or use a smaller kernel', inputs);
  }
  return [x.shape[0] ?? 1, outputs, ...lengths];
}

export interface ConvOptions {
  /** A number for all axes, or one for each. Stride and dilation 1 and padding 0 when omitted. */
  readonly stride?: number | Shape;
  readonly padding?: number | Shape;
  readonly dilation?: number | Shape;
  readonly groups?: number;
}

function attrsOf(axes: number, options: ConvOptions): ConvAttrs {
  const each = (value: number | Shape | undefined, omitted: number): Shape =>
    typeof value === 'object' ? value : new Array<number>(axes).fill(value ?? omitted);
  return {
    stride: each(options.stride, 1),
    padding: each(options.padding, 0),
    dilation: each(options.dilation, 1),
    groups: options.groups ?? 1,
  };
}

/** A window of one element that moves by one: a product of matrices. */
function isPointwise(weight: Tensor, { stride, padding, groups }: ConvAttrs): boolean {
  return (
    groups === 1 && [...weight.shape.slice(0, -2), ...stride].every((n) => n === 1) && padding.every((n) => n === 0)
  );
}

/**
 * Convolution (cross-correlation, as torch.nn.functional.conv1d, conv2d, conv3d) over one to three spatial axes: x [B, C, ...],
 * weight [kernel..., C/groups, O] → [B, O, ...], zeros around. Add a bias as [O, 1, 1]: it fuses. Throws ShapeError.
 */
export function conv(x: Tensor, weight: Tensor, options: ConvOptions = {}): Tensor {
  const axes = Math.max(1, x.shape.length - 2);
  const attrs = attrsOf(axes, options);
  const shape = slid('conv', [x, weight], attrs);
  if (!isPointwise(weight, attrs)) return convOp.one([x, weight], attrs);
  const [channels = 1, outputs = 1] = weight.shape.slice(-2);
  const columns = reshape(x, [x.shape[0] ?? 1, channels, x.shape.slice(2).reduce((n, d) => n * d, 1)]);
  return reshape(matmul(reshape(weight, [channels, outputs]), columns, { transposeA: true }), shape);
}

/**
 * Transposed convolution: y [B, O, ...], weight [kernel..., C/groups, O] as the convolution has it → [B, C, ...lengths], the lengths being
 * those of the convolution's input, (n − 1)·stride − 2·padding + dilation·(kernel − 1) + 1 when omitted. Throws ShapeError.
 */
export function convTranspose(
  y: Tensor,
  weight: Tensor,
  options: ConvOptions & { readonly lengths?: Shape } = {},
): Tensor {
  const attrs = attrsOf(Math.max(1, y.shape.length - 2), options);
  const { stride, padding, dilation } = attrs;
  const smallest = y.shape
    .slice(2)
    .map(
      (n, i) =>
        (n - 1) * (stride[i] ?? 1) - 2 * (padding[i] ?? 0) + (dilation[i] ?? 1) * ((weight.shape[i] ?? 1) - 1) + 1,
    );
  return convTransposeOp.one([y, weight], { ...attrs, lengths: options.lengths ?? smallest });
}
