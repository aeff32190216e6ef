/** TensorFlow.js' side of deformable convolution: corners gathered and weighted, then one product; the gradient by x with scatterND. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-webgpu';
import type { Contestant } from './contest';
import { along, bases, swapped, type DeformPeer } from './deform';

export const tfjsDeform: DeformPeer = (task) => {
  const { batch, channels, outputs, size, backward } = task;
  const places = size * size;
  const x = tf.tensor2d(swapped(task.x, batch, channels, places), [batch * places, channels]);
  const [dy, dx] = [tf.tensor1d(along(task, 0)), tf.tensor1d(along(task, 1))];
  const weight = tf.tensor2d(task.weight, [9 * channels, outputs]);
  const g = tf.tensor2d(swapped(task.g, batch, outputs, places), [batch * places, outputs]);
  const taps = bases(task);
  const base = { first: tf.tensor1d(taps.first), y: tf.tensor1d(taps.y), x: tf.tensor1d(taps.x) };

  /** Per corner its place, its weight, and that weight's slopes by Δy and Δx. */
  const corners = () => {
    const [py, px] = [tf.add(base.y, dy), tf.add(base.x, dx)];
    const [y0, x0] = [tf.floor(py), tf.floor(px)];
    const [l, u] = [tf.sub(py, y0), tf.sub(px, x0)];
    return [0, 1, 2, 3].map((k) => {
      const [below, right] = [k >> 1, k & 1];
      const [row, column] = [tf.add(y0, below), tf.add(x0, right)];
      const last = size - 1;
      const [cutRow, cutColumn] = [tf.clipByValue(row, 0, last), tf.clipByValue(column, 0, last)];
      const inside = tf.cast(tf.logicalAnd(tf.equal(row, cutRow), tf.equal(column, cutColumn)), 'float32');
      const at = tf.cast(tf.add(tf.add(base.first, tf.mul(cutRow, size)), cutColumn), 'int32');
      const byRow = below ? l : tf.sub(1, l);
      const byColumn = right ? u : tf.sub(1, u);
      const signed = (v: tf.Tensor, positive: number) => tf.mul(inside, positive ? v : tf.neg(v));
      return {
        at: at as tf.Tensor1D,
        weight: tf.mul(inside, tf.mul(byRow, byColumn)),
        byY: signed(byColumn, below),
        byX: signed(byRow, right),
        values: tf.gather(x, at as tf.Tensor1D),
      };
    });
  };
  const weighted = (values: tf.Tensor, weights: tf.Tensor) => tf.mul(values, tf.expandDims(weights, 1));
  const once = (): tf.Tensor[] => {
    const all = corners();
    const columns = tf.reshape(tf.addN(all.map((c) => weighted(c.values, c.weight))), [-1, 9 * channels]);
    const y = tf.matMul(columns as tf.Tensor2D, weight);
    if (!backward) return [y];
    const byWeight = tf.matMul(columns as tf.Tensor2D, g, true);
    const a = tf.reshape(tf.matMul(g, weight, false, true), [-1, channels]);
    const slope = (key: 'byY' | 'byX') => tf.sum(tf.mul(a, tf.addN(all.map((c) => weighted(c.values, c[key])))), 1);
    const byX = tf.addN(
      all.map((c) => tf.scatterND(tf.expandDims(c.at, 1), weighted(a, c.weight), [batch * places, channels])),
    );
    return [tf.stack([slope('byY'), slope('byX')], 1), byX, byWeight, y];
  };
  const contestant: Contestant = {
    engine: 'tfjs',
    run: async () => {
      const all = tf.tidy(once);
      // Reading one number of each back waits for the whole.
      const firsts = all.map((t) => tf.tidy(() => tf.slice(tf.reshape(t, [-1]), [0], [1])));
      for (const first of firsts) await first.data();
      tf.dispose([...all, ...firsts]);
    },
    result: async () => {
      const all = tf.tidy(once);
      const data = (await all[0]?.data()) ?? [];
      tf.dispose(all);
      return swapped(data, batch, places, backward ? 18 : outputs);
    },
    dispose: () => tf.dispose([x, dy, dx, weight, g, base.first, base.y, base.x]),
  };
  return contestant;
};
