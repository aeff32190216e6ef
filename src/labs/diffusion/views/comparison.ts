import * as v from 'valibot';
import { samplers } from '../process/samplers';
import type { SamplerSettings } from '../process/samplerSettings';
import { brightness, hostSamples } from '../samples';
import { energyDistance } from '../../../train/evaluation/energyDistance';
import { slicedWasserstein } from '../../../train/evaluation/slicedWasserstein';
import type { Looker, MakeView } from './looker';

const NAMES = Object.keys(samplers) as (keyof typeof samplers)[];
const One = v.object({
  sampler: v.picklist(NAMES),
  steps: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(256)),
  count: v.optional(v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(4096)), 64),
  seed: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 1),
  ideal: v.optional(v.boolean(), false),
  /** Also the states on the way. */
  path: v.optional(v.boolean(), false),
});

/** Steps of the reference that end points are measured against: Heun, which has converged by then. */
const REFERENCE_STEPS = 128;
const PLAIN: Partial<SamplerSettings> = { churn: 0, eta: 0 };

/** End points of Heun with many steps from the same noise. */
async function reference(looker: Looker, batch: number, seed: number, ideal: boolean): Promise<Float32Array> {
  return looker.referenceEnds({ batch, seed, ideal, sampler: { ...PLAIN, name: 'heun', steps: REFERENCE_STEPS } });
}

/** Root mean square distance of samples to those of the same number. */
function rootMeanSquare(a: Float32Array, b: Float32Array, count: number): number {
  return Math.sqrt(a.reduce((sum, x, i) => sum + (x - (b[i] ?? 0)) ** 2, 0) / count);
}

/**
 * One sampler at one number of steps, from the noise of `seed`, as every sampler gets it: `samples` [n, …sample] (pictures as
 * brightness), `evaluations` [1], and with `path` the states [levels, n, …sample] with their `sigmas`.
 */
export const comparison: MakeView = async (looker, request) => {
  const { sampler: name, steps, count, seed, ideal, path } = v.parse(One, request);
  const wanted = { batch: count, seed, ideal, sampler: { name, steps } };
  const { evaluations, levels } = looker.trajectory(wanted);
  const whole = path ? (await looker.path(wanted)).states : await looker.sample(wanted);
  const end = whole.slice(-count * looker.width);
  const shape = [count, ...looker.model.sample];
  return {
    samples: { shape, data: looker.data.kind === 'pictures' ? brightness(end) : end },
    evaluations: { shape: [1], data: Float32Array.of(evaluations) },
    ...(path && {
      path: { shape: [levels.length, ...shape], data: whole },
      sigmas: { shape: [levels.length], data: Float32Array.from(levels, (l) => l.sigma) },
    }),
  };
};

/**
 * Quality of one sampler at one number of steps: `evaluations`, `slicedWasserstein` and `energyDistance` to held-out data, and
 * `reference`, the root mean square distance to where Heun with 128 steps ends from the same noise (samplers without noise of their own
 * only), [1] each.
 */
export const quality: MakeView = async (looker, request) => {
  const { sampler: name, steps, count, seed, ideal } = v.parse(One, request);
  const wanted = { batch: count, seed, ideal, sampler: { name, steps } };
  const trajectory = looker.trajectory(wanted);
  const points = await looker.sample(wanted);
  const { width } = looker;
  const held = hostSamples(looker.data, 'test', count);
  const real = { points: held.values, count: held.count, width };
  const noisy = trajectory.rows.slice(1).some((row) => row.fresh > 0);
  const one = (x: number) => ({ shape: [1], data: Float32Array.of(x) });
  return {
    evaluations: one(trajectory.evaluations),
    slicedWasserstein: one(slicedWasserstein({ points, count, width }, real)),
    energyDistance: one(energyDistance({ points, count, width }, real)),
    ...(!noisy && { reference: one(rootMeanSquare(points, await reference(looker, count, seed, ideal), count)) }),
  };
};
