import { defineOp, type Kernel, type KernelArgs } from '../op';
import { streamOf } from '../philox';
import { ShapeError, sizeOf, type Shape, type Tensor } from '../tensor';
import { lineGrid } from './grid';

interface RandomAttrs {
  readonly shape: Shape;
  readonly stream: number;
}

function scalars(op: string, inputs: readonly Tensor[]): void {
  const [seed, step] = inputs;
  if (seed?.dtype !== 'u32' || step?.dtype !== 'u32' || sizeOf(seed.shape) !== 1 || sizeOf(step.shape) !== 1) {
    throw new ShapeError(op, 'takes seed and step, one u32 each', inputs);
  }
}

function drawn(name: string, entry: string) {
  return defineOp<RandomAttrs>({
    name,
    infer: (inputs, { shape }) => {
      scalars(name, inputs);
      return [{ shape, dtype: 'f32' }];
    },
    vjp: ({ inputs }) => inputs.map(() => undefined),
    kernels: ({ inputs: [seed, step], outputs: [out], attrs }: KernelArgs<RandomAttrs>): Kernel[] => {
      if (!seed || !step || !out) return [];
      const { workgroups, width } = lineGrid(Math.ceil(out.size / 4));
      const uniform = { count: out.size, width, stream: attrs.stream, items: 0, halfBits: 0 };
      return [{ shader: 'random', entry, uniform, bindings: { seed, step, out }, workgroups, flops: out.size * 12 }];
    },
  });
}

export const randomUniformOp = drawn('randomUniform', 'uniforms');
export const randomNormalOp = drawn('randomNormal', 'standardNormals');

/** Uniform in [0, 1): a function of seed, stream, step and element, the same bits on every device as philox.ts. */
export function randomUniform(seed: Tensor, step: Tensor, shape: Shape, stream: string): Tensor {
  return randomUniformOp.one([seed, step], { shape, stream: streamOf(stream) });
}

/** Standard normals by Box–Muller. */
export function randomNormal(seed: Tensor, step: Tensor, shape: Shape, stream: string): Tensor {
  return randomNormalOp.one([seed, step], { shape, stream: streamOf(stream) });
}

interface BatchAttrs {
  readonly count: number;
  readonly batch: number;
  readonly stream: number;
}

/** Indices of a batch out of `count` items, u32 [batch]. */
export const batchIndicesOp = defineOp<BatchAttrs>({
  name: 'batchIndices',
  infer: (inputs, { count, batch }) => {
    scalars('batchIndices', inputs);
    if (count < 1 || batch < 1) throw new ShapeError('batchIndices', `cannot draw ${batch} of ${count} items`, inputs);
    return [{ shape: [batch], dtype: 'u32' }];
  },
  vjp: ({ inputs }) => inputs.map(() => undefined),
  kernels: ({ inputs: [seed, step], outputs: [indices], attrs }) => {
    if (!seed || !step || !indices) return [];
    const { workgroups, width, count } = lineGrid(attrs.batch);
    const halfBits = Math.max(1, Math.ceil(Math.log2(Math.max(2, attrs.count)) / 2));
    const uniform = { count, width, stream: attrs.stream, items: attrs.count, halfBits };
    return [{ shader: 'random', entry: 'batchIndices', uniform, bindings: { seed, step, indices }, workgroups }];
  },
});

/**
 * The items of step s: positions s·batch … of a permutation of 0…count−1 that is another each epoch, found item by item without a
 * sort (a keyed Feistel network with cycle walking, as in format-preserving encryption). Every item comes once an epoch.
 */
export function batchIndices(
  seed: Tensor,
  step: Tensor,
  options: { count: number; batch: number; stream: string },
): Tensor {
  return batchIndicesOp.one([seed, step], {
    count: options.count,
    batch: options.batch,
    stream: streamOf(options.stream),
  });
}
