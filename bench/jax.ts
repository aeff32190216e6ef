/** jax-js' side, compiled by its own `jit`. */
import { blockUntilReady, defaultDevice, grad, init, jit, nn, numpy as np, type Array as JaxArray } from '@jax-js/jax';
import type { Contestant } from './contest';
import type { AttentionSize } from './glimpse';

export async function openJax(): Promise<void> {
  await init('webgpu');
  defaultDevice('webgpu');
}

function contestant(run: (...inputs: JaxArray[]) => JaxArray, inputs: readonly JaxArray[]): Contestant {
  const compiled = jit(run);
  // jax-js consumes what it is given: `ref` keeps the inputs.
  const once = () => compiled(...inputs.map((x) => x.ref));
  return {
    engine: 'jax-js',
    run: async () => {
      const y = once();
      await blockUntilReady(y);
      y.dispose();
    },
    result: async () => Array.from(await once().data()),
    dispose: () => inputs.forEach((x) => x.dispose()),
  };
}

function array(data: Float32Array, shape: number[]): JaxArray {
  return np.array(data.slice()).reshape(shape);
}

export function product(n: number, a: Float32Array, b: Float32Array): Contestant {
  return contestant((x, y) => np.matmul(x, y) as unknown as JaxArray, [array(a, [n, n]), array(b, [n, n])]);
}

export function attend(
  { tokens, heads, width }: AttentionSize,
  qkv: Float32Array,
  g: Float32Array,
  backward: boolean,
): Contestant {
  const packed = array(qkv, [1, tokens, 3, heads, width]);
  const forward = (x: JaxArray): JaxArray => {
    const [q, k, v] = np.split(x, 3, 2).map((part) => part.reshape([1, tokens, heads, width]));
    if (!q || !k || !v) throw new Error('bench: nothing to attend to');
    return nn.dotProductAttention(q, k, v).reshape([1, tokens, heads * width]);
  };
  if (!backward) return contestant(forward, [packed]);
  const loss = (x: JaxArray, cotangent: JaxArray): JaxArray => forward(x).mul(cotangent).sum();
  const slope = grad(loss) as unknown as (x: JaxArray, cotangent: JaxArray) => JaxArray;
  return contestant(
    (x, cotangent) => slope(x as JaxArray, cotangent as JaxArray),
    [packed, array(g, [1, tokens, heads * width])],
  );
}
