import { defineOp } from '../op';
import { ShapeError, type Tensor } from '../tensor';
import { lineGrid } from './grid';

/** keys [..., n] → indices and ranks, both u32 [..., n]. */
export const argsortOp = defineOp<{ descending: boolean }>({
  name: 'argsort',
  infer: (inputs) => {
    const [keys] = inputs;
    if (!keys || keys.dtype !== 'f32' || keys.shape.length === 0)
      throw new ShapeError('argsort', 'takes f32 keys [..., n]', inputs);
    return [
      { shape: keys.shape, dtype: 'u32' },
      { shape: keys.shape, dtype: 'u32' },
    ];
  },
  vjp: () => [undefined],
  kernels: ({ inputs: [keys], outputs: [indices, ranks], attrs }) => {
    if (!keys || !indices || !ranks) return [];
    const n = keys.shape.at(-1) ?? 1;
    const { workgroups, count, width } = lineGrid(keys.size);
    const uniform = { count, width, n, descending: attrs.descending ? 1 : 0 };
    return [{ shader: 'argsort', entry: 'rankCount', uniform, bindings: { keys, indices, ranks }, workgroups }];
  },
});

/** Order of the last axis, stable (equal keys by index), NaN last; `ranks` is the inverse permutation. */
export function argsort(keys: Tensor, options: { descending?: boolean } = {}): { indices: Tensor; ranks: Tensor } {
  const [indices, ranks] = argsortOp.apply([keys], { descending: options.descending ?? false });
  if (!indices || !ranks) throw new Error('argsort: no outputs');
  return { indices, ranks };
}
