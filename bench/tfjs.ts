/** TensorFlow.js' side, on its WebGPU backend. */
import '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import type { Contestant } from './contest';
import type { AttentionSize } from './glimpse';

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

/** Forward only: core brings the gradients' kernels, but not the composition that the others differentiate. */
export function attend({ tokens, heads, width }: AttentionSize, qkv: Float32Array): Contestant {
  const packed = tf.tensor(qkv, [tokens, 3, heads, width]);
  return contestant(() => {
    const [q, k, v] = tf.split(packed, 3, 1).map((part) => tf.transpose(tf.squeeze(part, [1]), [1, 0, 2]));
    if (!q || !k || !v) throw new Error('bench: nothing to attend to');
    const weights = tf.softmax(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(width)));
    return tf.reshape(tf.transpose(tf.matMul(weights, v), [1, 0, 2]), [1, tokens, heads * width]);
  }, [packed]);
}
