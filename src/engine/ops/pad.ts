import { defineOp } from '../op';
import { ShapeError, type Shape, type Tensor } from '../tensor';
import { slice } from './slice';
import { stridedCopy, stridesOf } from './strided';

export const padOp = defineOp<{ before: Shape; after: Shape; value: number }>({
  name: 'pad',
  infer: (inputs, { before, after }) => {
    const [x] = inputs;
    if (
      !x ||
      before.length !== x.shape.length ||
      after.length !== x.shape.length ||
      [...before, ...after].some((n) => n < 0)
    ) {
      throw new ShapeError('pad', 'needs a count of 0 or more before and after each dimension', inputs);
    }
    return [{ shape: x.shape.map((n, k) => n + (before[k] ?? 0) + (after[k] ?? 0)), dtype: x.dtype }];
  },
  vjp: ({ inputs: [x], cotangents: [g], attrs: { before } }) => [x && g && slice(g, before, x.shape)],
  kernels: ({ inputs: [x], outputs: [out], attrs: { before, value } }) => {
    if (!x || !out) return [];
    const strides = stridesOf(x.shape);
    const axes = out.shape.map((n, k) => ({
      size: n,
      stride: strides[k] ?? 1,
      before: before[k] ?? 0,
      extent: x.shape[k] ?? 1,
    }));
    return [stridedCopy(x, out, axes, value)];
  },
});

/** x with `value` around it: counts before and after each dimension. */
export function pad(x: Tensor, before: Shape, after: Shape, value = 0): Tensor {
  return padOp.one([x], { before, after, value });
}
