import { defineOp } from '../op';
import { streamOf } from '../philox';
import { ShapeError, type Tensor } from '../tensor';
import { lineGrid } from './grid';

type MaskForm = 'random' | 'block' | 'grid';

const ENTRY: Record<MaskForm, string> = { random: 'random', block: 'block', grid: 'ordered' };

/** Keys [rows, grid²] f32 from seed and step: the patches with the smallest are kept. */
export const maskKeysOp = defineOp<{ rows: number; grid: number; shape: MaskForm; stream: number }>({
  name: 'maskKeys',
  infer: (inputs, { rows, grid }) => {
    if (inputs.length !== 2 || inputs.some((t) => t.dtype !== 'u32')) {
      throw new ShapeError('maskKeys', 'takes seed and step, one u32 each', inputs);
    }
    return [{ shape: [rows, grid * grid], dtype: 'f32' }];
  },
  vjp: ({ inputs }) => inputs.map(() => undefined),
  kernels: ({ inputs: [seed, step], outputs: [keys], attrs: { shape, grid, stream } }) => {
    if (!seed || !step || !keys) return [];
    const { workgroups, count, width } = lineGrid(keys.size);
    const uniform = { count, width, stream, grid };
    return [{ shader: 'maskKeys', entry: ENTRY[shape], uniform, bindings: { seed, step, keys }, workgroups }];
  },
});

/**
 * What to hide in each of `rows` images of grid×grid patches: scattered (MAE's random), one blob (block-wise, as BEiT's ablation), or a
 * regular pattern (grid). Sort the keys; the first K patches stay.
 */
export function maskKeys(
  seed: Tensor,
  step: Tensor,
  { rows, grid, shape, stream }: { rows: number; grid: number; shape: MaskForm; stream: string },
): Tensor {
  return maskKeysOp.one([seed, step], { rows, grid, shape, stream: streamOf(stream) });
}
