import { defineOp } from '../op';
import { ShapeError, showShape, sameShape, type Shape, type Tensor } from '../tensor';
import { pad } from './pad';
import { stridedCopy, stridesOf } from './strided';

export const sliceOp = defineOp<{ start: Shape; size: Shape }>({
  name: 'slice',
  infer: (inputs, { start, size }) => {
    const [x] = inputs;
    const fits = x && start.length === x.shape.length && size.length === x.shape.length;
    if (!fits || size.some((n, k) => n < 1 || (start[k] ?? -1) < 0 || (start[k] ?? 0) + n > (x.shape[k] ?? 0))) {
      throw new ShapeError('slice', `start ${showShape(start)} and size ${showShape(size)} leave the tensor`, inputs);
    }
    return [{ shape: size, dtype: x.dtype }];
  },
  vjp: ({ inputs: [x], cotangents: [g], attrs: { start, size } }) => [
    x &&
      g &&
      pad(
        g,
        start,
        x.shape.map((n, k) => n - (start[k] ?? 0) - (size[k] ?? 0)),
      ),
  ],
  kernels: ({ inputs: [x], outputs: [out], attrs: { start, size } }) => {
    if (!x || !out) return [];
    const strides = stridesOf(x.shape);
    const axes = size.map((n, k) => ({
      size: n,
      stride: strides[k] ?? 1,
      before: -(start[k] ?? 0),
      extent: x.shape[k] ?? 1,
    }));
    return [stridedCopy(x, out, axes)];
  },
});

/** The part of x that begins at `start` and has shape `size`, any dtype. Throws ShapeError where it leaves the tensor. */
export function slice(x: Tensor, start: Shape, size: Shape): Tensor {
  return sameShape(size, x.shape) ? x : sliceOp.one([x], { start, size });
}
