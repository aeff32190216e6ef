/** Deformable convolution among the contests: 3×3 over maps [B, C, S, S], padding 1, one deformable group, offsets of about a pixel. */
import { gradients } from '../src/engine/autodiff';
import { deformConv } from '../src/engine/ops/deformConv';
import { mul } from '../src/engine/ops/pointwise';
import { sum } from '../src/engine/ops/reduce';
import { philoxNormals } from '../src/engine/philox';
import type { Runtime } from '../src/engine/runtime';
import type { Contest, Contestant } from './contest';
import { contestant, input } from './glimpse';

export interface DeformTask {
  readonly batch: number;
  readonly channels: number;
  readonly outputs: number;
  readonly size: number;
  /** x [B, C, S, S], offset [B, 18, S, S], weight [3, 3, C, O] and the cotangent of the output [B, O, S, S]. */
  readonly x: Float32Array;
  readonly offset: Float32Array;
  readonly weight: Float32Array;
  readonly g: Float32Array;
  /** Whether the gradients of Σ y·g by x, offset and weight are computed as well; that by the offset is then the result, else y. */
  readonly backward: boolean;
}

export type DeformPeer = (task: DeformTask) => Contestant;

/** [outer, rows, columns] → [outer, columns, rows]. */
export function swapped(data: ArrayLike<number>, outer: number, rows: number, columns: number): Float32Array {
  const result = new Float32Array(data.length);
  for (let o = 0; o < outer; o++)
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++)
        result[(o * columns + c) * rows + r] = data[(o * rows + r) * columns + c] ?? NaN;
  return result;
}

/** Offsets along an axis (0 is y), [B · P · 9], for peers that have channels last. */
export function along({ batch, size, offset }: DeformTask, axis: 0 | 1): Float32Array {
  return swapped(offset, batch, 18, size * size).filter((_, i) => i % 2 === axis);
}

/** First pixel of a picture, and coordinates of the taps without offsets, for each of [B · P · 9]. */
export function bases({ batch, size }: DeformTask): Readonly<Record<'first' | 'y' | 'x', Float32Array>> {
  const each = (of: (b: number, p: number, k: number) => number) =>
    Float32Array.from({ length: batch * size * size * 9 }, (_, i) =>
      of(Math.floor(i / 9 / size / size), Math.floor(i / 9) % (size * size), i % 9),
    );
  return {
    first: each((b) => b * size * size),
    y: each((_b, p, k) => Math.floor(p / size) - 1 + Math.floor(k / 3)),
    x: each((_b, p, k) => (p % size) - 1 + (k % 3)),
  };
}

async function ours(runtime: Runtime, task: DeformTask): Promise<Contestant> {
  const { batch, channels, outputs, size, backward } = task;
  const x = input('x', [batch, channels, size, size], task.x);
  const offset = input('offset', [batch, 18, size, size], task.offset);
  const weight = input('weight', [3, 3, channels, outputs], task.weight);
  const y = deformConv(x, offset, weight, { padding: 1 });
  const loss = () => sum(mul(y, input('g', y.shape, task.g)));
  const [dx, result, dw] = backward ? gradients(loss(), [x, offset, weight]) : [undefined, y];
  if (!result) throw new Error('bench: deformable convolution has no gradient');
  return contestant(runtime, result, { y, ...(dx && { dx }), ...(dw && { dw }) });
}

export function deformContests(runtime: Runtime, peers: readonly DeformPeer[]): Contest[] {
  const [batch, size] = [4, 16];
  return [32, 64].flatMap((channels) =>
    [false, true].map((backward): Contest => {
      const normals = (name: string, count: number) => philoxNormals(count, 1, name);
      const task = {
        batch,
        channels,
        outputs: channels,
        size,
        x: normals('x', batch * channels * size ** 2),
        offset: normals('offset', batch * 18 * size ** 2),
        weight: normals('weight', 9 * channels ** 2),
        g: normals('g', batch * channels * size ** 2),
        backward,
      };
      return {
        name: `deformable conv ${channels}→${channels} forward${backward ? ' + backward' : ''}`,
        flops: 2 * batch * size ** 2 * 9 * channels ** 2 * (backward ? 3 : 1),
        contestants: async () => [await ours(runtime, task), ...peers.map((peer) => peer(task))],
      };
    }),
  );
}
