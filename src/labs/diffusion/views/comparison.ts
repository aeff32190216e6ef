import * as v from 'valibot';
import { samplers } from '../process/samplers';
import type { SamplerSettings } from '../process/samplerSettings';
import type { Trajectory } from '../process/trajectory';
import { brightness, hostSamples } from '../samples';
import { energyDistance } from '../../../train/evaluation/energyDistance';
import { slicedWasserstein } from '../../../train/evaluation/slicedWasserstein';
import { meanDistance } from '../shown';
import type { Looker, MakeView } from './looker';

const NAMES = Object.keys(samplers) as (keyof typeof samplers)[];
const One = v.object({
  sampler: v.picklist(NAMES),
  steps: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(256)),
  count: v.optional(v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(4096)), 64),
  seed: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 1),
  ideal: v.optional(v.boolean(), false),
  /** In place of the controls'. */
  eta: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  churn: v.optional(v.pipe(v.number(), v.minValue(0))),
  /** Also the states on the way. */
  path: v.optional(v.boolean(), false),
});

/** Steps of the reference that end points are measured against: Heun, which has converged by then. */
const REFERENCE_STEPS = 128;
const PLAIN: Partial<SamplerSettings> = { churn: 0, eta: 0 };

/** Whether a sampler adds noise of its own; the start, which is noise for all, does not count as such. */
function addsNoise(rows: Trajectory['rows']): boolean {
  return rows.some((row) => row.fresh > 0);
}

const Start = v.pick(One, ['count', 'seed', 'ideal']);

/** The sampler's settings that a request names. */
function settingsIn({ sampler: name, steps, eta, churn }: v.InferOutput<typeof One>): Partial<SamplerSettings> {
  return { name, steps, ...(eta !== undefined && { eta }), ...(churn !== undefined && { churn }) };
}

/** End points of Heun with many steps from the same noise. */
async function reference(looker: Looker, batch: number, seed: number, ideal: boolean): Promise<Float32Array> {
  return looker.referenceEnds({ batch, seed, ideal, sampler: { ...PLAIN, name: 'heun', steps: REFERENCE_STEPS } });
}

/**
 * One sampler at one number of steps, from the noise of `seed`, as every sampler gets it: `samples` [n, …sample] (pictures as
 * brightness), `evaluations` [1], `noisy` [1] (1 where it adds noise of its own on the way), and with `path` the states [levels, n, …sample] with their `sigmas` and `signals`.
 */
export const comparison: MakeView = async (looker, request) => {
  const asked = v.parse(One, request);
  const { count, seed, ideal, path } = asked;
  const wanted = { batch: count, seed, ideal, sampler: settingsIn(asked) };
  const { evaluations, levels, rows } = looker.trajectory(wanted);
  const whole = path ? (await looker.path(wanted)).states : await looker.sample(wanted);
  const end = whole.slice(-count * looker.width);
  const shape = [count, ...looker.model.sample];
  return {
    samples: { shape, data: looker.data.kind === 'pictures' ? brightness(end) : end },
    evaluations: { shape: [1], data: Float32Array.of(evaluations) },
    noisy: { shape: [1], data: Float32Array.of(addsNoise(rows) ? 1 : 0) },
    ...(path && {
      path: { shape: [levels.length, ...shape], data: whole },
      sigmas: { shape: [levels.length], data: Float32Array.from(levels, (l) => l.sigma) },
      signals: { shape: [levels.length], data: Float32Array.from(levels, (l) => l.signal) },
    }),
  };
};

/** Where Heun with 128 steps ends from the noise of `seed`: `samples` [n, …sample] (pictures as brightness), what samplers are measured against. */
export const fineReference: MakeView = async (looker, request) => {
  const { count, seed, ideal } = v.parse(Start, request);
  const ends = await reference(looker, count, seed, ideal);
  const shown = looker.data.kind === 'pictures' ? brightness(ends) : ends;
  return { samples: { shape: [count, ...looker.model.sample], data: shown } };
};

/**
 * Quality of one sampler at one number of steps: `evaluations`, `slicedWasserstein` and `energyDistance` to held-out data, and
 * `reference`, the root mean square distance to where Heun with 128 steps ends from the same noise (samplers without noise of their own
 * only), [1] each.
 */
export const quality: MakeView = async (looker, request) => {
  const asked = v.parse(One, request);
  const { count, seed, ideal } = asked;
  const wanted = { batch: count, seed, ideal, sampler: settingsIn(asked) };
  const trajectory = looker.trajectory(wanted);
  const points = await looker.sample(wanted);
  const { width } = looker;
  const held = hostSamples(looker.data, 'test', count);
  const real = { points: held.values, count: held.count, width };
  const noisy = addsNoise(trajectory.rows);
  const one = (x: number) => ({ shape: [1], data: Float32Array.of(x) });
  return {
    evaluations: one(trajectory.evaluations),
    slicedWasserstein: one(slicedWasserstein({ points, count, width }, real)),
    energyDistance: one(energyDistance({ points, count, width }, real)),
    ...(!noisy && { reference: one(meanDistance(points, await reference(looker, count, seed, ideal), count)) }),
  };
};
