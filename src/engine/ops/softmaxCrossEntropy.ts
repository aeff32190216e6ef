import { defineOp, type Kernel, type KernelArgs } from '../op';
import { sameShape, ShapeError, showShape, type Shape, type Tensor } from '../tensor';
import { lineGrid } from './grid';
import { mul } from './pointwise';
import { rowLaunch } from './reduceRows';

export interface CrossEntropyAttrs {
  /** Share of the probability that is spread over all classes, 0…1. */
  readonly labelSmoothing: number;
  /** Rows of this label have loss and gradient 0, as have rows whose label is no class. */
  readonly ignoreIndex?: number;
}

/** logits [..., K], labels u32 [...] → loss [...], and for the gradient per row max z and log Σ exp(z − max z): [..., 2]. */
export const softmaxCrossEntropyOp = defineOp<CrossEntropyAttrs>({
  name: 'softmaxCrossEntropy',
  infer: (inputs, { labelSmoothing, ignoreIndex }) => {
    const [logits, labels] = inputs;
    const rows: Shape = logits?.shape.slice(0, -1) ?? [];
    if (!logits || logits.shape.length === 0 || labels?.dtype !== 'u32' || !sameShape(labels.shape, rows)) {
      throw new ShapeError('softmaxCrossEntropy', 'takes logits [..., K] and u32 labels [...]', inputs);
    }
    if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
      throw new ShapeError('softmaxCrossEntropy', `labelSmoothing is ${labelSmoothing}; use 0 to 1`, inputs);
    }
    if (ignoreIndex !== undefined && !Number.isInteger(ignoreIndex)) {
      throw new ShapeError('softmaxCrossEntropy', `ignoreIndex is ${ignoreIndex}; use a whole number`, inputs);
    }
    return [
      { shape: rows, dtype: 'f32' },
      { shape: [...rows, 2], dtype: 'f32' },
    ];
  },
  vjp: ({ inputs: [logits, labels], outputs: [, saved], cotangents: [g], attrs }) => [
    logits && labels && saved && g && softmaxCrossEntropyGradOp.one([logits, labels, saved, g], attrs),
    undefined,
  ],
  kernels: forwardKernels,
});

/** logits, labels, what the forward saved and the rows' cotangents → gradient by the logits. */
export const softmaxCrossEntropyGradOp = defineOp<CrossEntropyAttrs>({
  name: 'softmaxCrossEntropyGrad',
  infer: ([logits]) => [{ shape: logits?.shape ?? [], dtype: 'f32' }],
  kernels: gradientKernels,
});

/** The uniform's fields that say which labels count and how. Negative labels are their u32 bits, as in a buffer. */
function labelFields({ labelSmoothing, ignoreIndex = -1 }: CrossEntropyAttrs) {
  return { smoothing: labelSmoothing, ignored: ignoreIndex >>> 0 };
}

function forwardKernels({ inputs, outputs, attrs, device }: KernelArgs<CrossEntropyAttrs>): Kernel[] {
  const [logits, labels] = inputs;
  const [out, saved] = outputs;
  if (!logits || !labels || !out || !saved) return [];
  const rows = labels.size;
  const columns = logits.size / rows;
  const { form, constants, workgroups, width } = rowLaunch(device, rows, columns);
  return [
    {
      shader: 'softmaxCrossEntropy',
      entry: form,
      constants,
      uniform: { rows, columns, width, ...labelFields(attrs) },
      bindings: { [form === 'serial4' ? 'logits4' : 'logits']: logits, labels, saved, out },
      workgroups,
      flops: 5 * logits.size,
      epilogue: 1,
    },
  ];
}

function gradientKernels({ inputs, outputs, attrs, device }: KernelArgs<CrossEntropyAttrs>): Kernel[] {
  const [logits, labels, statistics, cotangent] = inputs;
  const [out] = outputs;
  if (!logits || !labels || !statistics || !cotangent || !out) return [];
  const rows = labels.size;
  const columns = logits.size / rows;
  const wide = columns % 4 === 0;
  const size = device.deviceClass === 'software' ? 16 : 64;
  const { workgroups, width } = lineGrid(out.size / (wide ? 4 : 1), size);
  return [
    {
      shader: 'softmaxCrossEntropy',
      entry: wide ? 'gradient4' : 'gradient',
      constants: { WORKGROUP: size },
      uniform: { rows, columns, width, ...labelFields(attrs) },
      bindings: {
        [wide ? 'logits4' : 'logits']: logits,
        labels,
        statistics,
        cotangent,
        [wide ? 'out4' : 'out']: out,
      },
      workgroups,
      flops: 4 * logits.size,
      epilogue: wide ? 4 : 1,
    },
  ];
}

export interface CrossEntropyOptions extends Partial<CrossEntropyAttrs> {
  /** Factor of each row's loss, the labels' shape. */
  readonly weights?: Tensor;
}

/**
 * Cross-entropy of each row in nats: logits [..., K], labels u32 [...] → [...], as torch.nn.functional.cross_entropy without
 * reduction. Rows whose label is `ignoreIndex`, or no class (K or more), give 0. Throws ShapeError where shapes do not fit.
 */
export function softmaxCrossEntropy(logits: Tensor, labels: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const { labelSmoothing = 0, ignoreIndex, weights } = options;
  const attrs = ignoreIndex === undefined ? { labelSmoothing } : { labelSmoothing, ignoreIndex };
  const [loss] = softmaxCrossEntropyOp.apply([logits, labels], attrs);
  if (!loss) throw new ShapeError('softmaxCrossEntropy', 'gave no output', [logits, labels]);
  if (!weights) return loss;
  if (!sameShape(weights.shape, labels.shape)) {
    throw new ShapeError('softmaxCrossEntropy', `weights must be ${showShape(labels.shape)} as the labels`, [weights]);
  }
  return mul(loss, weights);
}
