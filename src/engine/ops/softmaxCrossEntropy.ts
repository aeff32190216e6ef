import { defineOp } from '../op';
import { ShapeError, sizeOf, type Shape, type Tensor } from '../tensor';
import { lineGrid } from './grid';

interface CrossEntropyAttrs {
  /** Share of the probability that is spread over all classes, 0…1. */
  readonly labelSmoothing: number;
}

/** logits [..., K], labels u32 [...] → loss [...], logsumexp [...]. */
export const softmaxCrossEntropyOp = defineOp<CrossEntropyAttrs>({
  name: 'softmaxCrossEntropy',
  infer: (inputs) => {
    const [logits, labels] = inputs;
    const rows: Shape = logits?.shape.slice(0, -1) ?? [];
    if (!logits || logits.shape.length === 0 || labels?.dtype !== 'u32' || labels.shape.join() !== rows.join()) {
      throw new ShapeError('softmaxCrossEntropy', 'takes logits [..., K] and u32 labels [...]', inputs);
    }
    return [
      { shape: rows, dtype: 'f32' },
      { shape: rows, dtype: 'f32' },
    ];
  },
  vjp: ({ inputs: [logits, labels], outputs: [, lse], cotangents: [g], attrs }) => [
    logits && labels && lse && g && softmaxCrossEntropyGradOp.one([logits, labels, lse, g], attrs),
    undefined,
  ],
  kernels: ({ inputs: [logits, labels], outputs: [loss, logsumexp], attrs }) => {
    if (!logits || !labels || !loss || !logsumexp) return [];
    const classes = logits.shape.at(-1) ?? 1;
    const { workgroups, count, width } = lineGrid(sizeOf(loss.shape), 32);
    const uniform = { count, width, classes, smoothing: attrs.labelSmoothing };
    const bindings = { logits, labels, loss, logsumexp };
    return [{ shader: 'softmaxCrossEntropy', entry: 'forward', uniform, bindings, workgroups, flops: logits.size * 5 }];
  },
});

/** logits, labels, logsumexp and the rows' cotangents → gradient by the logits. */
export const softmaxCrossEntropyGradOp = defineOp<CrossEntropyAttrs>({
  name: 'softmaxCrossEntropyGrad',
  infer: ([logits]) => [{ shape: logits?.shape ?? [], dtype: 'f32' }],
  kernels: ({ inputs: [logits, labels, lse, cotangent], outputs: [gradient], attrs }) => {
    if (!logits || !labels || !lse || !cotangent || !gradient) return [];
    const { workgroups, count, width } = lineGrid(gradient.size);
    const uniform = { count, width, classes: logits.shape.at(-1) ?? 1, smoothing: attrs.labelSmoothing };
    const bindings = { logits, labels, lse, cotangent, gradient };
    return [
      { shader: 'softmaxCrossEntropy', entry: 'backward', uniform, bindings, workgroups, flops: gradient.size * 4 },
    ];
  },
});

/** Cross-entropy of each row in nats: logits [..., K], labels u32 [...] → [...]. A label of K or more is ignored (0). */
export function softmaxCrossEntropy(logits: Tensor, labels: Tensor, options: { labelSmoothing?: number } = {}): Tensor {
  const [loss] = softmaxCrossEntropyOp.apply([logits, labels], { labelSmoothing: options.labelSmoothing ?? 0 });
  if (!loss) throw new Error('softmaxCrossEntropy: no output');
  return loss;
}
