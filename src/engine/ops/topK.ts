import { defineOp } from '../op';
import { ShapeError, sizeOf, type Tensor } from '../tensor';
import { lineGrid } from './grid';

/** keys [..., n] → values f32 and indices u32 [..., k], largest first. */
export const topKOp = defineOp<{ k: number }>({
  name: 'topK',
  infer: (inputs, { k }) => {
    const [keys] = inputs;
    const n = keys?.shape.at(-1) ?? 0;
    if (!keys || k < 1 || k > n) throw new ShapeError('topK', `cannot take ${k} of ${n}`, inputs);
    const shape = [...keys.shape.slice(0, -1), k];
    return [
      { shape, dtype: 'f32' },
      { shape, dtype: 'u32' },
    ];
  },
  vjp: () => [undefined],
  kernels: ({ inputs: [keys], outputs: [values, indices], attrs: { k } }) => {
    if (!keys || !values || !indices) return [];
    const n = keys.shape.at(-1) ?? 1;
    const { workgroups, count, width } = lineGrid(sizeOf(keys.shape) / n, 32);
    return [
      {
        shader: 'topK',
        entry: 'main',
        uniform: { count, width, n, k },
        bindings: { keys, values, indices },
        workgroups,
      },
    ];
  },
});

/** The k largest finite keys of the last axis and where they are, in order; equal keys by index. Not differentiable. */
export function topK(keys: Tensor, k: number): { values: Tensor; indices: Tensor } {
  const [values, indices] = topKOp.apply([keys], { k });
  if (!values || !indices) throw new Error('topK: no outputs');
  return { values, indices };
}
