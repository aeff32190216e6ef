import { defineOp, type Kernel, type Operand } from '../op';
import { ShapeError, type Tensor } from '../tensor';
import { lineGrid } from './grid';

/**
 * Longer rows are sorted in runs of this length, which are then merged: n/RUN halves as often as it takes. Within a run every key is compared with
 * every other, which software adapters take longer over than over another merge.
 */
const RUN = { gpu: 512, software: 64 } as const;
/** Rows up to this length are one run. */
const ONE_RUN = { gpu: 512, software: 128 } as const;

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
  kernels: ({ inputs: [keys], outputs: [indices, ranks], attrs, device, scratch }) => {
    if (!keys || !indices || !ranks) return [];
    const run = RUN[device.deviceClass];
    const n = keys.shape.at(-1) ?? 1;
    const { workgroups, count, width } = lineGrid(keys.size);
    const kernel = (entry: string, bindings: Readonly<Record<string, Operand>>, length = run): Kernel => ({
      shader: 'argsort',
      entry,
      uniform: { count, width, n, run: length, descending: attrs.descending ? 1 : 0 },
      bindings,
      workgroups,
    });
    if (n <= ONE_RUN[device.deviceClass]) return [kernel('rankCount', { keys, indices, ranks })];
    const runs = () => ({ keys: scratch(keys.shape, 'u32'), origin: scratch(keys.shape, 'u32') });
    let [now, next] = [runs(), runs()];
    const kernels = [kernel('sortRuns', { keys, merged: now.keys, mergedOrigin: now.origin })];
    for (let length = run; length < n; length *= 2) {
      const { keys: sorted, origin } = now;
      kernels.push(kernel('mergeRuns', { sorted, origin, merged: next.keys, mergedOrigin: next.origin }, length));
      [now, next] = [next, now];
    }
    return [...kernels, kernel('writeOrder', { origin: now.origin, order: indices, inverse: ranks })];
  },
});

/**
 * Order of the last axis, stable (equal keys by index), NaN last; `ranks` is the inverse permutation. On a GPU rows of up to
 * 512 take one dispatch, longer ones 2 + log₂(n/512): 9 for 65,536 keys.
 */
export function argsort(keys: Tensor, options: { descending?: boolean } = {}): { indices: Tensor; ranks: Tensor } {
  const [indices, ranks] = argsortOp.apply([keys], { descending: options.descending ?? false });
  if (!indices || !ranks) throw new Error('argsort: no outputs');
  return { indices, ranks };
}
