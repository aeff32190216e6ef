import { defineOp } from '../op';
import { ShapeError, type Shape, type Tensor } from '../tensor';
import { stridedCopy, stridesOf } from './strided';

export const permuteOp = defineOp<{ axes: Shape }>({
  name: 'permute',
  infer: (inputs, { axes }) => {
    const [x] = inputs;
    if (!x || [...axes].sort((a, b) => a - b).join() !== x.shape.map((_, k) => k).join()) {
      throw new ShapeError('permute', `axes ${axes.join(', ')} must name each dimension once`, inputs);
    }
    return [{ shape: axes.map((a) => x.shape[a] ?? 1), dtype: x.dtype }];
  },
  vjp: ({ cotangents: [g], attrs: { axes } }) => [
    g &&
      permute(
        g,
        axes.map((_, k) => axes.indexOf(k)),
      ),
  ],
  kernels: ({ inputs: [x], outputs: [out], attrs: { axes } }) => {
    if (!x || !out) return [];
    const strides = stridesOf(x.shape);
    return [
      stridedCopy(
        x,
        out,
        axes.map((a, k) => ({
          size: out.shape[k] ?? 1,
          stride: strides[a] ?? 1,
          before: 0,
          extent: out.shape[k] ?? 1,
        })),
      ),
    ];
  },
});

/** Dimensions in another order: output dimension k is input dimension axes[k]. Up to six that do not join. */
export function permute(x: Tensor, axes: Shape): Tensor {
  return axes.every((a, k) => a === k) ? x : permuteOp.one([x], { axes });
}
