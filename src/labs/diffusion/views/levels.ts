import * as v from 'valibot';
import { hostArithmetic } from '../process/arithmetic';
import { weights } from '../process/weight';
import { hostSamples, noisedBy } from '../samples';
import type { Looker, MakeView } from './looker';

const Curve = v.object({
  levels: v.optional(v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(64)), 16),
  /** Held-out samples at each level. */
  count: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1024)), 64),
});

/** Mean square of D − x₀ at each level; all levels go to the device together. */
async function errors(looker: Looker, sigmas: Float32Array, count: number, ideal: boolean): Promise<Float32Array> {
  const clean = hostSamples(looker.data, 'test', count);
  const each = clean.values.length;
  const noised = new Float32Array(sigmas.length * each);
  const level = new Float32Array(sigmas.length * clean.count);
  sigmas.forEach((sigma, i) => {
    const here = level.subarray(i * clean.count, (i + 1) * clean.count).fill(sigma);
    noised.set(noisedBy(clean, here, 100 + i), i * each);
  });
  const { labels } = clean;
  const repeated = labels && Uint32Array.from(level, (_, i) => labels[i % clean.count] ?? 0);
  const d = await looker.denoise(noised, level, { ...(repeated && { labels: repeated }), ideal });
  return sigmas.map((_, i) => {
    const here = d.subarray(i * each, (i + 1) * each);
    return here.reduce((sum, y, k) => sum + (y - (clean.values[k] ?? 0)) ** 2, 0) / each;
  });
}

/**
 * The denoising loss by noise level on held-out data: `sigmas` [L] from σ_min to σ_max; `error` = √E(D − x₀)² and `loss`, its square times
 * λ(σ); in the plane also those of the exact denoiser, which nothing can be below: `exactError`, `exactLoss`; and what the last training
 * steps saw, `trainSigmas` and `trainLoss`.
 */
export const levels: MakeView = async (looker, request) => {
  const { levels: count, count: samples } = v.parse(Curve, request ?? {});
  const { process } = looker;
  const { sigmaMin, sigmaMax } = process.constants;
  const sigmas = Float32Array.from({ length: count }, (_, i) => sigmaMin * (sigmaMax / sigmaMin) ** (i / (count - 1)));
  const named = (error: Float32Array, prefix: string) => ({
    [prefix === '' ? 'error' : 'exactError']: { shape: [count], data: error.map(Math.sqrt) },
    [prefix === '' ? 'loss' : 'exactLoss']: {
      shape: [count],
      data: error.map((e, i) => e * weights[process.weight](hostArithmetic, sigmas[i] ?? 1, process.constants)),
    },
  });
  const seen = await looker.trainingLosses();
  return {
    sigmas: { shape: [count], data: sigmas },
    ...named(await errors(looker, sigmas, samples, false), ''),
    ...(looker.data.kind === 'plane' && named(await errors(looker, sigmas, samples, true), 'exact')),
    trainSigmas: { shape: [seen.sigmas.length], data: seen.sigmas },
    trainLoss: { shape: [seen.losses.length], data: seen.losses },
  };
};
