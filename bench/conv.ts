/** Convolution among the contests: 3×3 over pictures [B, C, H, W], padding 1, forward and with both gradients. */
import { gradients } from '../src/engine/autodiff';
import { conv } from '../src/engine/ops/conv';
import { mul } from '../src/engine/ops/pointwise';
import { sum } from '../src/engine/ops/reduce';
import { philoxNormals } from '../src/engine/philox';
import type { Runtime } from '../src/engine/runtime';
import type { Contest, Contestant } from './contest';
import { contestant, input } from './glimpse';

export interface ConvTask {
  readonly batch: number;
  readonly channels: number;
  readonly outputs: number;
  readonly size: number;
  /** x [B, C, H, W], weight [3, 3, C, O] and the cotangent of the output [B, O, H, W]. */
  readonly x: Float32Array;
  readonly weight: Float32Array;
  readonly g: Float32Array;
  /** Whether the gradients of Σ y·g by x and by the weight are computed as well; the latter [3, 3, C, O] is then the result, else y. */
  readonly backward: boolean;
}

/** A peer's side; undefined where it does not differentiate. */
export type ConvPeer = (task: ConvTask) => Promise<Contestant> | undefined;

async function ours(runtime: Runtime, task: ConvTask): Promise<Contestant> {
  const { batch, channels, outputs, size, backward } = task;
  const x = input('x', [batch, channels, size, size], task.x);
  const weight = input('weight', [3, 3, channels, outputs], task.weight);
  const y = conv(x, weight, { padding: 1 });
  const made = backward ? gradients(sum(mul(y, input('g', y.shape, task.g))), [x, weight]) : [undefined, y];
  const [dx, result] = made;
  if (!result) throw new Error('bench: convolution has no gradient');
  return contestant(runtime, result, { y, ...(dx && { dx }) });
}

export function convContests(runtime: Runtime, peers: readonly ConvPeer[]): Contest[] {
  const [batch, size] = [8, 28];
  return [
    [16, 32],
    [32, 32],
  ].flatMap(([channels = 1, outputs = 1]) =>
    [false, true].map((backward): Contest => {
      const x = philoxNormals(batch * channels * size ** 2, 1, 'x');
      const weight = philoxNormals(9 * channels * outputs, 1, 'weight');
      const g = philoxNormals(batch * outputs * size ** 2, 1, 'g');
      const task = { batch, channels, outputs, size, x, weight, g, backward };
      return {
        name: `conv2d ${channels}→${outputs} forward${backward ? ' + backward' : ''}`,
        flops: 2 * batch * size ** 2 * 9 * channels * outputs * (backward ? 3 : 1),
        contestants: async () => Promise.all([ours(runtime, task), ...peers.flatMap((peer) => peer(task) ?? [])]),
      };
    }),
  );
}
