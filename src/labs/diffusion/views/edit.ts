import * as v from 'valibot';
import { brightness, hostSamples } from '../samples';
import type { MakeView } from './looker';

const Edit = v.object({
  /** Noise that is put on before the way back. */
  sigma: v.pipe(v.number(), v.minValue(1e-3), v.maxValue(1000)),
  count: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1024)), 8),
  seed: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 1),
  /** Samples to start from [count, …sample]: points, or brightness 0…1; held-out data where left out. */
  given: v.optional(v.array(v.number())),
  label: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255))),
});

/**
 * SDEdit (Meng et al. 2022): samples noised to the first of the sampler's levels not above σ, and sampled from there: `before` and `after`
 * [n, …sample], `started` [1], the level. Throws where no step of the sampler lies below σ.
 */
export const edit: MakeView = async (looker, request) => {
  const { sigma, count, seed, given, label } = v.parse(Edit, request);
  const pictures = looker.data.kind === 'pictures';
  const held = hostSamples(looker.data, 'test', count);
  const start = given ? Float32Array.from(given, (x) => (pictures ? 2 * x - 1 : x)) : held.values;
  const batch = start.length / looker.width;
  if (!Number.isInteger(batch) || batch < 1)
    throw new Error(`view "edit": ${start.length} numbers are no whole samples of ${looker.width}`);
  const known = given ? undefined : held.labels;
  const { classes } = looker.model;
  const labels = Uint32Array.from({ length: batch }, (_, i) => label ?? known?.[i] ?? classes);
  const wanted = { batch, seed, start: 'givenData', fromSigma: sigma } as const;
  const after = await looker.sample(wanted, { given: start, labels });
  const shape = [batch, ...looker.model.sample];
  const shown = (values: Float32Array) => (pictures ? brightness(values) : values);
  return {
    before: { shape, data: shown(start) },
    after: { shape, data: shown(after) },
    started: { shape: [1], data: Float32Array.of(looker.trajectory(wanted).levels[0]?.sigma ?? 0) },
  };
};
