/** What is timed. Peers are handed in, so that our side runs in Node too. */
import { philoxNormals } from '../src/engine/philox';
import type { Runtime } from '../src/engine/runtime';
import type { Contest, Contestant } from './contest';
import * as glimpse from './glimpse';
import { gptContest } from './gpt';
import { maeContest } from './mae';
import { mlpContest } from './mlp';
import type { TrainingPeer } from './training';

export interface Peer extends TrainingPeer {
  readonly product: (n: number, a: Float32Array, b: Float32Array) => Contestant;
  readonly attend: (size: glimpse.AttentionSize, qkv: Float32Array, g: Float32Array, backward: boolean) => Contestant;
}

const ATTENTION: glimpse.AttentionSize = { tokens: 128, heads: 16, width: 32 };

export function contests(runtime: Runtime, peers: readonly Peer[], full: boolean): Contest[] {
  const sizes = full ? [256, 512, 1024, 2048] : [256, 512];
  const products = sizes.map((n): Contest => {
    const [a, b] = ['a', 'b'].map((name) => philoxNormals(n * n, 1, name));
    if (!a || !b) throw new Error('bench: no operands');
    return {
      name: `matmul ${n}`,
      flops: 2 * n ** 3,
      contestants: async () => [await glimpse.product(runtime, n, a, b), ...peers.map((p) => p.product(n, a, b))],
    };
  });
  const { tokens, heads, width } = ATTENTION;
  const qkv = philoxNormals(tokens * 3 * heads * width, 1, 'qkv');
  const g = philoxNormals(tokens * heads * width, 1, 'g');
  const pairs = 2 * heads * tokens * tokens * width;
  const attentions = [false, true].map((backward): Contest => ({
    name: backward ? 'attention forward + backward' : 'attention forward',
    flops: pairs * (backward ? 9 : 2),
    contestants: async () => [
      await glimpse.attend(runtime, ATTENTION, qkv, g, backward),
      ...peers.map((p) => p.attend(ATTENTION, qkv, g, backward)),
    ],
  }));
  return [
    ...products,
    ...attentions,
    mlpContest(runtime, peers),
    gptContest(runtime, peers, { B: 1, N: 512 }),
    gptContest(runtime, peers, { B: 8, N: 64 }),
    maeContest(runtime, peers),
  ];
}
