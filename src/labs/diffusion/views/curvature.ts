import * as v from 'valibot';
import { Drawing } from './samples';
import type { MakeView } from './looker';

/** Length of each path [levels, B, width] over the straight line between its ends: 1 is straight. */
function bend(states: Float32Array, levels: number, batch: number): Float32Array {
  const length = states.length / levels;
  const width = length / batch;
  const distance = (a: number, b: number, i: number) => {
    let sum = 0;
    for (let k = i * width; k < (i + 1) * width; k++)
      sum += ((states[a * length + k] ?? 0) - (states[b * length + k] ?? 0)) ** 2;
    return Math.sqrt(sum);
  };
  return Float32Array.from({ length: batch }, (_, i) => {
    let total = 0;
    for (let l = 1; l < levels; l++) total += distance(l - 1, l, i);
    return total / Math.max(1e-12, distance(0, levels - 1, i));
  });
}

/**
 * How much the paths of the samples bend, as the schedule scales their states: `bend` [n], length over chord, and `mean` [1]. With few
 * steps paths look straighter than they are: at least 64 are taken.
 */
export const curvature: MakeView = async (looker, request) => {
  const { count, seed, ideal } = v.parse(Drawing, request ?? {});
  const steps = Math.max(64, looker.process.sampler.steps);
  const { states, trajectory } = await looker.path({ batch: count, seed, ideal, sampler: { steps, churn: 0, eta: 0 } });
  const each = bend(states, trajectory.levels.length, count);
  const mean = each.reduce((a, b) => a + b, 0) / count;
  return { bend: { shape: [count], data: each }, mean: { shape: [1], data: Float32Array.of(mean) } };
};
