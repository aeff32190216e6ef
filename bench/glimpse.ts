/** Our side of every contest: the engine as the labs use it. */
import { gradients } from '../src/engine/autodiff';
import { attention } from '../src/engine/ops/attention';
import { matmul } from '../src/engine/ops/matmul';
import { mul } from '../src/engine/ops/pointwise';
import { sum } from '../src/engine/ops/reduce';
import { compile } from '../src/engine/plan';
import type { Runtime } from '../src/engine/runtime';
import { State } from '../src/engine/state';
import type { Tensor } from '../src/engine/tensor';
import type { Contestant } from './contest';

export function input(name: string, shape: readonly number[], data: Float32Array): Tensor {
  return new State(name, shape, 'f32', data, 'constant').tensor();
}

/** A computation of ours: `result` is what is checked, `others` are computed with it. */
export async function contestant(
  runtime: Runtime,
  result: Tensor,
  others: Readonly<Record<string, Tensor>> = {},
): Promise<Contestant> {
  const plan = await compile(runtime, { outputs: { ...others, result } });
  const run = async () => {
    plan.run();
    await runtime.gpu.device.queue.onSubmittedWorkDone();
  };
  return {
    engine: 'glimpse',
    run,
    result: async () => {
      await run();
      return plan.read('result');
    },
    profile: () => plan.profile(),
    dispose: () => plan.dispose(),
  };
}

/** C = A·B, all [n, n]. */
export function product(runtime: Runtime, n: number, a: Float32Array, b: Float32Array): Promise<Contestant> {
  return contestant(runtime, matmul(input('a', [n, n], a), input('b', [n, n], b)));
}

export interface AttentionSize {
  readonly tokens: number;
  readonly heads: number;
  readonly width: number;
}

/** Attention over qkv [1, N, 3·H·d]; with `backward` the gradient of Σ out·g by qkv instead of the output. */
export function attend(
  runtime: Runtime,
  { tokens, heads, width }: AttentionSize,
  qkv: Float32Array,
  g: Float32Array,
  backward: boolean,
): Promise<Contestant> {
  const packed = input('qkv', [1, tokens, 3 * heads * width], qkv);
  const out = attention(packed, { heads });
  if (!backward) return contestant(runtime, out);
  const [gradient] = gradients(sum(mul(out, input('g', out.shape, g))), [packed]);
  if (!gradient) throw new Error('bench: attention has no gradient');
  return contestant(runtime, gradient);
}
