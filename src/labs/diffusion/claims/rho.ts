import type { Claim } from '../../../train/claim';
import {
  atLeastTimes,
  atMostTimes,
  exceptions,
  geometricMean,
  wholeVerdict,
  type Part,
} from '../../../train/claimParts';
import { figure, Found, Parts } from '../../../train/claimProgress';
import type { ClaimResult } from '../../../train/protocol';
import type { Chart } from '../../../ui/chart';
import { exactModel } from '../model';
import { distanceOf, PointSampler, processWith, REFERENCE_STEPS, referenceEnds } from './pointSampler';
import { REFERENCE_LENGTH, SEEDS, TOY, TOY_WORDS, toyData } from './shared';

const RHOS = [1, 3, 5, 7, 9, 15] as const;
const [UNIFORM, PAPER] = [1, 7];
const STEPS = 18;
const WORSE_BY = 100;
const NEAR_BEST = 1.25;

type Errors = Found<'heun'>;

export const rho: Claim = {
  id: 'rho',
  steps: { gpu: 20000, software: 4096 },
  configs: RHOS.map((value) => ({ ...TOY, sampler: 'heun', nsteps: STEPS, rho: value })),
  async run(context, onProgress, signal) {
    const { runtime, steps: points } = context;
    const errors: Errors = new Found();
    const total = SEEDS.length * (REFERENCE_LENGTH + RHOS.length);
    const parts = new Parts(total, () => chartOf(errors), onProgress);
    const sampler = await PointSampler.open(runtime, exactModel(await toyData(context)), { points }, signal);
    try {
      for (const seed of SEEDS) {
        const what = { en: `Reference, noise ${seed}`, zh: `参考解，噪声 ${seed}` };
        const reference = await parts.run(what, (tell) => referenceEnds(sampler, seed, tell), REFERENCE_LENGTH);
        for (const value of RHOS) {
          const process = processWith('edm', { name: 'heun', steps: STEPS, rho: value });
          const named = { en: `ρ = ${value}, noise ${seed}`, zh: `ρ = ${value}，噪声 ${seed}` };
          const ends = await parts.run(named, (tell) => sampler.ends({ process, seed, tell }));
          errors.add('heun', value, distanceOf(ends, reference));
        }
      }
    } finally {
      sampler.dispose();
    }
    return resultOf(errors, points);
  },
};

function chartOf(errors: Errors): Chart {
  return {
    kind: 'lines',
    log: { y: true },
    x: { en: 'ρ', zh: 'ρ' },
    y: { en: 'end-point RMSE', zh: '终点均方根误差' },
    series: [
      {
        name: { en: `Heun, ${STEPS} steps`, zh: `Heun，${STEPS} 步` },
        points: errors.line('heun', RHOS, geometricMean),
      },
    ],
  };
}

export function rhoParts(of: (rho: number) => readonly number[]): Part[] {
  const others = RHOS.filter((value) => value !== UNIFORM && value !== PAPER);
  return [
    {
      name: { en: `ρ = 7 is ${WORSE_BY} times better than ρ = 1`, zh: `ρ = 7 比 ρ = 1 好 ${WORSE_BY} 倍` },
      verdict: atLeastTimes(of(UNIFORM), of(PAPER), WORSE_BY),
    },
    ...others.map((value): Part => ({
      name: { en: `within a quarter of ρ = ${value}`, zh: `与 ρ = ${value} 相差不超过四分之一` },
      verdict: atMostTimes(of(PAPER), of(value), NEAR_BEST),
    })),
  ];
}

function resultOf(errors: Errors, points: number): ClaimResult {
  const mean = (value: number) => geometricMean(errors.of('heun', value));
  const parts = rhoParts((value) => errors.of('heun', value));
  const not = exceptions(parts);
  const best = RHOS.reduce<number>((least, value) => (mean(value) < mean(least) ? value : least), PAPER);
  const [uniform, paper, least] = [figure(mean(UNIFORM)), figure(mean(PAPER)), figure(mean(best))];
  const [gain, excess] = [mean(UNIFORM) / mean(PAPER), mean(PAPER) / mean(best)];
  return {
    id: 'rho',
    verdict: wholeVerdict(parts),
    summary: {
      en: `The end-point error is ${uniform} at ρ = 1 and ${paper} at ρ = 7, ${figure(gain)} times less; the best is ${least} at ρ = ${best}, so ρ = 7 has ${figure(excess)} times the least.${not.en}`,
      zh: `终点误差在 ρ = 1 时为 ${uniform}，ρ = 7 时为 ${paper}，小 ${figure(gain)} 倍；最小为 ρ = ${best} 的 ${least}，ρ = 7 是它的 ${figure(excess)} 倍。${not.zh}`,
    },
    setup: {
      en: `${TOY_WORDS.en}, exact denoiser; ${STEPS} Heun steps from σ = 80 against ${REFERENCE_STEPS} from the same noise; ${points} points, ${SEEDS.length} draws of noise.`,
      zh: `${TOY_WORDS.zh}，精确去噪器；从 σ = 80 起 ${STEPS} 步 Heun，对照同一噪声的 ${REFERENCE_STEPS} 步；${points} 个点，${SEEDS.length} 组噪声。`,
    },
    chart: chartOf(errors),
    figures: {
      ...Object.fromEntries(RHOS.map((value) => [`rmseRho${value}`, mean(value)])),
      gainOverUniform: gain,
      overBest: excess,
      points,
      seeds: SEEDS.length,
    },
  };
}
