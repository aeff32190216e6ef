import * as v from 'valibot';
import { levelAt } from '../process/schedule';
import { brightness, hostSamples, noisedBy } from '../samples';
import type { MakeView } from './looker';

const Film = v.object({
  frames: v.optional(v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(64)), 8),
  count: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1024)), 1),
  seed: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 1),
});

/**
 * The forward process: the same samples under the same noise ε from σ_min to σ_max, as the schedule scales them, s(x₀ + σε): `frames`
 * [F, n, …sample], `sigmas`, `scales` (s) and `snr` (1/σ²) [F]. Pictures are shown at unit spread, as brightness.
 */
export const filmstrip: MakeView = (looker, request) => {
  const { frames, count, seed } = v.parse(Film, request ?? {});
  const { constants, schedule } = looker.process;
  const { sigmaMin, sigmaMax } = constants;
  const clean = hostSamples(looker.data, 'test', count);
  const sigmas = Float32Array.from(
    { length: frames },
    (_, i) => sigmaMin * (sigmaMax / sigmaMin) ** (i / (frames - 1)),
  );
  const levels = Array.from(sigmas, (sigma) => levelAt(schedule, sigma, constants));
  const all = new Float32Array(frames * clean.values.length);
  levels.forEach(({ sigma, signal }, f) => {
    const x = noisedBy(clean, new Float32Array(clean.count).fill(sigma), seed);
    const pictures = looker.data.kind === 'pictures';
    const scaled = pictures ? brightness(x.map((y) => y / Math.sqrt(1 + sigma * sigma))) : x.map((y) => y * signal);
    all.set(scaled, f * clean.values.length);
  });
  return Promise.resolve({
    frames: { shape: [frames, clean.count, ...looker.model.sample], data: all },
    sigmas: { shape: [frames], data: sigmas },
    scales: { shape: [frames], data: Float32Array.from(levels, (l) => l.signal) },
    snr: { shape: [frames], data: sigmas.map((s) => 1 / (s * s)) },
  });
};
