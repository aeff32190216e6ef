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
