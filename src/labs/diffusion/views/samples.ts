import * as v from 'valibot';
import { brightness } from '../samples';
import type { Looker, MakeView, Views } from './looker';

export const Drawing = v.object({
  /** Samples to draw. */
  count: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4096)), 64),
  seed: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 1),
  /** All states on the way, or the end alone. */
  path: v.optional(v.boolean(), false),
  /** The ideal denoiser in place of the network. */
  ideal: v.optional(v.boolean(), false),
  /** A class for all samples; classes in turn where left out. */
  label: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255))),
});

function labelsOf(looker: Looker, count: number, label: number | undefined): { labels?: Uint32Array } {
  return label === undefined || looker.model.classes === 0 ? {} : { labels: new Uint32Array(count).fill(label) };
}

/**
 * Fresh samples of the model: `samples` [n, …sample] (pictures as brightness 0…1). With `path` also `path`
 * [levels, n, …] of states as the process scales them, and the levels' `sigmas`, `signals`. `evaluations` [1].
 */
export const samples: MakeView = async (looker, request): Promise<Views> => {
  const { count, seed, path, ideal, label } = v.parse(Drawing, request ?? {});
  const rest = labelsOf(looker, count, label);
  const shape = [count, ...looker.model.sample];
  const shown = (x: Float32Array) => (looker.data.kind === 'pictures' ? brightness(x) : x);
  if (!path) {
    const wanted = { batch: count, seed, ideal };
    const end = await looker.sample(wanted, rest);
    const { evaluations } = looker.trajectory(wanted);
    return {
      samples: { shape, data: shown(end) },
      evaluations: { shape: [1], data: Float32Array.of(evaluations) },
    };
  }
  const { states, trajectory } = await looker.path({ batch: count, seed, ideal }, rest);
  const { levels, evaluations } = trajectory;
  return {
    samples: { shape, data: shown(states.slice(-count * looker.width)) },
    path: { shape: [levels.length, ...shape], data: states },
    sigmas: { shape: [levels.length], data: Float32Array.from(levels, (l) => l.sigma) },
    signals: { shape: [levels.length], data: Float32Array.from(levels, (l) => l.signal) },
    evaluations: { shape: [1], data: Float32Array.of(evaluations) },
  };
};
