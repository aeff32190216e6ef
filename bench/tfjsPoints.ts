/** TensorFlow.js' side of the point contests: what its operators allow. */
import * as tf from '@tensorflow/tfjs-core';
import type { Contestant } from './contest';
import { contestant } from './tfjs';

/** A pick at a time: distances to the last one, their running minimum, its largest. Nothing is read back in between. */
export function farthest(points: Float32Array, count: number): Contestant {
  const cloud = tf.tensor2d(points, [points.length / 3, 3]);
  return contestant(() => {
    let nearest: tf.Tensor1D = tf.fill([points.length / 3], Infinity);
    let last = tf.tensor1d([0], 'int32');
    const picks: tf.Tensor1D[] = [last];
    for (let s = 1; s < count; s++) {
      const away = tf.squaredDifference(cloud, tf.gather(cloud, last));
      nearest = tf.minimum(nearest, tf.sum(away, 1));
      last = tf.reshape(tf.argMax(nearest), [1]);
      picks.push(last);
    }
    return tf.concat(picks);
  }, [cloud]);
}

/** By the whole matrix of distances and topk: ‖q‖² + ‖p‖² − 2q·p. */
export function neighbours(points: Float32Array, queries: number, k: number): Contestant {
  const cloud = tf.tensor2d(points, [points.length / 3, 3]);
  return contestant(() => {
    const asked = tf.slice(cloud, [0, 0], [queries, 3]);
    const [q, p] = [asked, cloud].map((x) => tf.sum(tf.square(x), 1));
    if (!q || !p) throw new Error('bench: nothing to compare');
    const products = tf.matMul(asked, cloud, false, true);
    const distances = tf.sub(tf.add(tf.reshape(q, [-1, 1]), p), tf.mul(products, 2));
    return tf.neg(tf.topk(tf.neg(distances), k).values);
  }, [cloud]);
}
