import { defineOp } from '../op';
import { streamOf } from '../philox';
import { ShapeError, sizeOf, type Tensor } from '../tensor';
import { lineGrid } from './grid';

interface PointBatchAttrs {
  /** Points of a cloud in the set, P. */
  readonly stored: number;
  /** Points of a cloud in the batch, N ≤ P. */
  readonly points: number;
  readonly normals: boolean;
  /** Whether the points are drawn anew, in another order, at each step; the first N of them otherwise. */
  readonly resample: boolean;
  readonly stream: number;
}

/** words u32 [shapes·P·2], items u32 [B], seed and step (u32, one each) → points f32 [B, N, 3 or 6], parts u32 [B, N]. */
export const pointBatchOp = defineOp<PointBatchAttrs>({
  name: 'pointBatch',
  infer: (inputs, { stored, points, normals }) => {
    const [words, items, seed, step] = inputs;
    const scalars = [seed, step].every((t) => t?.dtype === 'u32' && sizeOf(t.shape) === 1);
    if (words?.dtype !== 'u32' || items?.dtype !== 'u32' || items.shape.length !== 1 || !scalars)
      throw new ShapeError('pointBatch', 'takes words u32, items u32 [B], seed and step as one u32 each', inputs);
    if (!Number.isInteger(points) || points < 1 || points > stored)
      throw new ShapeError('pointBatch', `${points} of ${stored} stored points; give 1 to ${stored}`, inputs);
    const B = items.shape[0] ?? 0;
    return [
      { shape: [B, points, normals ? 6 : 3], dtype: 'f32' },
      { shape: [B, points], dtype: 'u32' },
    ];
  },
  vjp: ({ inputs }) => inputs.map(() => undefined),
  kernels: ({ inputs: [words, items, seed, step], outputs: [points, parts], attrs }) => {
    if (!words || !items || !seed || !step || !points || !parts) return [];
    const { workgroups, count, width } = lineGrid(parts.size);
    const uniform = {
      count,
      width,
      stored: attrs.stored,
      points: attrs.points,
      depth: attrs.normals ? 6 : 3,
      halfBits: Math.max(1, Math.ceil(Math.log2(Math.max(2, attrs.stored)) / 2)),
      stream: attrs.stream,
      resample: attrs.resample ? 1 : 0,
    };
    const bindings = { words, items, seed, step, points, parts };
    // A word for each point, two with normals: a batch is read, and not the whole set.
    const bytes = (attrs.normals ? 8 : 4) * parts.size + 4 * (items.size + points.size + parts.size);
    return [{ shader: 'pointBatch', entry: 'main', uniform, bindings, workgroups, bytes }];
  },
});

/**
 * Clouds of a set kept as bytes (`ShapeSplit.words`): `points` of the `stored` points of each of the items u32 [B] → coordinates
 * f32 [B, points, 3] (6 with `normals`) and parts u32 [B, points]. With `resample`, other points in another order at each step: a
 * function of seed and step. No gradient. Throws ShapeError.
 */
export function pointBatch(
  words: Tensor,
  items: Tensor,
  chance: { readonly seed: Tensor; readonly step: Tensor },
  options: Omit<PointBatchAttrs, 'stream'> & { readonly stream: string },
): { points: Tensor; parts: Tensor } {
  const attrs = { ...options, stream: streamOf(options.stream) };
  const [points, parts] = pointBatchOp.apply([words, items, chance.seed, chance.step], attrs);
  if (!points || !parts) throw new Error('pointBatch: no outputs');
  return { points, parts };
}
