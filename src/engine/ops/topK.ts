import { defineOp } from '../op';
import { ShapeError, sizeOf, type Tensor } from '../tensor';
import { argsort } from './argsort';
import { gatherRows } from './gather';
import { lineGrid } from './grid';
import { reshape } from './reshape';
import { slice } from './slice';

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

/** Few long rows: an invocation for each would leave the device idle, so that sorting all of them is sooner done. */
const LONG = 1024;
const FEW_ROWS = 256;

/**
 * The k largest finite keys of the last axis and where they are, in order; equal keys by index. Not differentiable. Throws ShapeError
 * when there are fewer than k.
 */
export function topK(keys: Tensor, k: number): { values: Tensor; indices: Tensor } {
  const n = keys.shape.at(-1) ?? 1;
  const rows = sizeOf(keys.shape) / n;
  if (n > LONG && rows < FEW_ROWS && k >= 1 && k <= n) return topOfSorted(keys, k, rows, n);
  const [values, indices] = topKOp.apply([keys], { k });
  if (!values || !indices) throw new Error('topK: no outputs');
  return { values, indices };
}

function topOfSorted(keys: Tensor, k: number, rows: number, n: number): { values: Tensor; indices: Tensor } {
  const { indices } = argsort(reshape(keys, [rows, n]), { descending: true });
  const first = slice(indices, [0, 0], [rows, k]);
  const shape = [...keys.shape.slice(0, -1), k];
  const values = gatherRows(reshape(keys, [rows, n, 1]), first); // [rows, k, 1]
  return { values: reshape(values, shape), indices: reshape(first, shape) };
}
