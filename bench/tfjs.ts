/** TensorFlow.js' side, on its WebGPU backend. */
import '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import type { Contestant } from './contest';
import type { AttentionSize } from './glimpse';
import { ops } from './tfjsTraining';

export async function openTfjs(): Promise<void> {
  await tf.setBackend('webgpu');
  await tf.ready();
}

export function contestant(run: () => tf.Tensor, inputs: readonly tf.Tensor[]): Contestant {
  return {
    engine: 'tfjs',
    run: async () => {
      // Reading one number back waits for the whole: the backend submits by itself only when it thinks fit.
      const [y, first] = tf.tidy(() => {
        const all = run();
        return [all, tf.slice(tf.reshape(all, [-1]), [0], [1])] as [tf.Tensor, tf.Tensor];
      });
      await first.data();
      y.dispose();
      first.dispose();
    },
    result: async () => {
      const y = tf.tidy(run);
      const data = await y.data();
      y.dispose();
      return data;
    },
    dispose: () => inputs.forEach((x) => x.dispose()),
  };
}

export function product(n: number, a: Float32Array, b: Float32Array): Contestant {
  const [x, y] = [tf.tensor2d(a, [n, n]), tf.tensor2d(b, [n, n])];
  return contestant(() => tf.matMul(x, y), [x, y]);
}

export function attend(
  { tokens, heads, width }: AttentionSize,
  qkv: Float32Array,
  g: Float32Array,
  backward: boolean,
): Contestant {
  const packed = tf.tensor(qkv, [1, tokens, 3 * heads * width]);
  const cotangent = tf.tensor(g, [1, tokens, heads * width]);
  const forward = (x: tf.Tensor) => ops.attend(x, { B: 1, N: tokens, D: heads * width, heads, causal: false });
  const slope = tf.grad((x) => tf.sum(tf.mul(forward(x), cotangent)));
  return contestant(() => (backward ? slope(packed) : forward(packed)), [packed, cotangent]);
}
