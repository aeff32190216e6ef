/** TensorFlow.js' side of the training contests: `variableGrads` and its own Adam; the decay of the weights by hand. */
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import * as tf from '@tensorflow/tfjs-core';
import type { Contestant } from './contest';
import { ADAMW, CHECKED_STEPS, type NamedArray, type Ops, type StepTask } from './stepTask';

/** Batches of equal rank on both sides: a product with one matrix goes over flattened rows. */
function matmul(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  if (b.rank === a.rank) return tf.matMul(a, b);
  const [rows, columns] = [a.size / (a.shape.at(-1) ?? 1), b.shape.at(-1) ?? 1];
  return tf.reshape(tf.matMul(tf.reshape(a, [rows, -1]), b), [...a.shape.slice(0, -1), columns]);
}

export const ops: Ops<tf.Tensor> = {
  matmul,
  add: (a, b) => tf.add(a, b),
  sub: (a, b) => tf.sub(a, b),
  mul: (a, b) => tf.mul(a, b),
  scale: (a, factor) => tf.mul(a, factor),
  reshape: (x, shape) => tf.reshape(x, [...shape]),
  concat: (a, b) => tf.concat([a, b], 1),
  rows: (x, [B = 1, , D = 1], begin, end) => tf.slice(x, [0, begin, 0], [B, end - begin, D]),
  standardise: (x) => {
    const { mean, variance } = tf.moments(x, -1, true);
    return tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-6)));
  },
  gelu: (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)),
  logSoftmax: (x) => tf.logSoftmax(x),
  attend: (qkv, { B, N, D, heads, causal }) => {
    const d = D / heads;
    const parts = tf.split(tf.reshape(qkv, [B, N, 3, heads, d]), 3, 2);
    const [q, k, v] = parts.map((part) => tf.transpose(tf.reshape(part, [B, N, heads, d]), [0, 2, 1, 3]));
    if (!q || !k || !v) throw new Error('bench: nothing to attend to');
    const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(d));
    const weights = tf.softmax(causal ? tf.add(scores, future(N)) : scores);
    return tf.reshape(tf.transpose(tf.matMul(weights, v), [0, 2, 1, 3]), [B, N, D]);
  },
  sum: (x) => tf.sum(x),
};

const futures = new Map<number, tf.Tensor>();

/** [N, N]: −1e9 where the key comes after the query; kept, as a constant of the model. */
function future(n: number): tf.Tensor {
  const known = futures.get(n);
  if (known) return known;
  const values = Float32Array.from({ length: n * n }, (_, at) => (at % n > Math.floor(at / n) ? -1e9 : 0));
  const made = tf.keep(tf.tensor(values, [n, n]));
  futures.set(n, made);
  return made;
}

const tensor = ({ shape, data }: NamedArray) => tf.tensor(data, [...shape]);

function open(task: StepTask) {
  const variables = new Map([...task.weights].map(([name, w]) => [name, tf.variable(tensor(w))]));
  const data = new Map(Object.entries(task.data).map(([name, x]) => [name, tensor(x)]));
  const loss = () =>
    task.loss(
      ops,
      (name) => variables.get(name) as tf.Tensor,
      (name) => data.get(name) as tf.Tensor,
    );
  const dispose = () => [...variables.values(), ...data.values()].forEach((x) => x.dispose());
  return { variables, loss, dispose };
}

export function slope(task: StepTask): Contestant {
  const { variables, loss, dispose } = open(task);
  const x = variables.get('x');
  if (!x) throw new Error('bench: the task has no x');
  const once = () =>
    tf.tidy(() => tf.reshape(tf.variableGrads(loss as () => tf.Scalar, [x]).grads[x.name] as tf.Tensor, [-1]));
  return {
    engine: 'tfjs',
    run: async () => {
      const dx = once();
      const first = tf.slice(dx, [0], [1]);
      await first.data();
      tf.dispose([dx, first]);
    },
    result: async () => {
      const dx = once();
      const values = await dx.data();
      dx.dispose();
      return values;
    },
    dispose,
  };
}

export function train(task: StepTask): Contestant {
  const { learningRate, beta1, beta2, epsilon, weightDecay } = ADAMW;
  const { variables, loss, dispose } = open(task);
  const all = [...variables.values()];
  const adam = () => tf.train.adam(learningRate, beta1, beta2, epsilon);
  let optimiser = adam();
  const last = [...variables].at(-1)?.[1];
  const once = (): tf.Scalar => {
    const { value, grads } = tf.variableGrads(loss as () => tf.Scalar, all);
    tf.tidy(() => {
      for (const [name, w] of task.weights) {
        if (w.decay)
          variables.get(name)?.assign(tf.mul(variables.get(name) as tf.Tensor, 1 - learningRate * weightDecay));
      }
    });
    optimiser.applyGradients(Object.entries(grads).map(([name, gradient]) => ({ name, tensor: gradient })));
    tf.dispose(grads);
    return value;
  };
  return {
    engine: 'tfjs',
    run: async () => {
      const value = once();
      const first = tf.tidy(() => tf.slice(tf.reshape(last as tf.Tensor, [-1]), [0], [1]));
      await Promise.all([value.data(), first.data()]);
      tf.dispose([value, first]);
    },
    result: async () => {
      for (const [name, w] of task.weights) variables.get(name)?.assign(tf.tidy(() => tensor(w)));
      optimiser.dispose();
      optimiser = adam();
      const losses: number[] = [];
      for (let k = 0; k < CHECKED_STEPS; k++) {
        const value = once();
        losses.push(...(await value.data()));
        value.dispose();
      }
      return losses;
    },
    dispose: () => {
      dispose();
      optimiser.dispose();
    },
  };
}
