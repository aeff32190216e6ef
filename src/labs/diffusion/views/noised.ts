import * as v from 'valibot';
import { brightness, hostSamples, noisedBy, type HostSamples } from '../samples';
import type { Looker, MakeView, Views } from './looker';

const Level = v.object({
  sigma: v.pipe(v.number(), v.minValue(1e-4), v.maxValue(1000)),
  count: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2048)), 8),
  seed: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 1),
  ideal: v.optional(v.boolean(), false),
});

/** Held-out samples under noise of one level, and what a model makes of them in one step. */
export interface Estimate {
  readonly sigma: number;
  readonly clean: HostSamples;
  /** x̄ = x₀ + σε and D [n, …sample]. */
  readonly noised: Float32Array;
  readonly denoised: Float32Array;
}

export async function estimateAt(
  looker: Looker,
  { sigma, count, seed, ideal }: v.InferOutput<typeof Level>,
): Promise<Estimate> {
  const clean = hostSamples(looker.data, 'test', count);
  const sigmas = new Float32Array(clean.count).fill(sigma);
  const x = noisedBy(clean, sigmas, seed);
  const d = await looker.denoise(x, sigmas, { ...(clean.labels && { labels: clean.labels }), ideal });
  return { sigma, clean, noised: x, denoised: d };
}

/** As view "noised" gives it. */
export function shownEstimate(looker: Looker, { sigma, clean, noised: x, denoised: d }: Estimate): Views {
  const error = Float32Array.from({ length: clean.count }, (_, i) => {
    let sum = 0;
    for (let k = i * clean.width; k < (i + 1) * clean.width; k++) sum += ((d[k] ?? 0) - (clean.values[k] ?? 0)) ** 2;
    return Math.sqrt(sum / clean.width);
  });
  const shape = [clean.count, ...looker.model.sample];
  const pictures = looker.data.kind === 'pictures';
  const spread = Math.sqrt(1 + sigma * sigma);
  const shown = (values: Float32Array, scale = 1) => (pictures ? brightness(values.map((y) => y / scale)) : values);
  return {
    clean: { shape, data: shown(clean.values) },
    noised: { shape, data: shown(x, spread) },
    denoised: { shape, data: shown(d) },
    error: { shape: [clean.count], data: error },
  };
}

/**
 * Held-out samples under noise σ and what the model makes of them in one step: `clean`, `noised` (x̄), `denoised` (D) [n, …sample] and
 * `error` [n], the root mean square of D − x₀. Pictures as brightness 0…1; noised ones are scaled to keep their spread, x̄/√(1 + σ²).
 */
export const noised: MakeView = async (looker, request) =>
  shownEstimate(looker, await estimateAt(looker, v.parse(Level, request)));
