import { philoxNormals } from '../../../engine/philox';
import type { Runtime } from '../../../engine/runtime';
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
import type { PlaneData } from '../data/data';
import { sampleMixture } from '../data/mixture';
import { Denoiser } from '../denoiser';
import { exactModel, type SampledModel } from '../model';
import type { Process } from '../process/framework';
import { distanceOf, processWith } from './pointSampler';
import { NETWORK_WORDS, PREDICTION_NAMES, predictionConfig, type Prediction } from './predictions';
import { SEEDS, TOY_WORDS, toyData } from './shared';
import { trainNetwork } from './trainedNetwork';

const PREDICTIONS: readonly Prediction[] = ['edm', 'epsilon', 'x0', 'velocity'];
const SIGMAS = [0.02, 0.1, 0.3, 1, 5, 20, 80] as const;
const LITTLE = 0.02;
const MUCH = [20, 80] as const;
/** What counts as failing, in times of EDM's error, or for EDM of the least error. */
const FAILS = { little: 3, much: 10 } as const;
const PROBES = 4096;

type Errors = Found<Prediction>;

export const preconditioning: Claim = {
  id: 'preconditioning',
  steps: { gpu: 4000, software: 300 },
  configs: PREDICTIONS.map((prediction) => predictionConfig(prediction, SEEDS[0])),
  async run(context, onProgress, signal) {
    const { runtime, steps } = context;
    const data = await toyData(context);
    const errors: Errors = new Found();
    const parts = new Parts(SEEDS.length * PREDICTIONS.length, () => chartOf(errors), onProgress);
    const probes = new Probes(runtime, data);
    const exact = await probes.denoised(exactModel(data), processWith('edm', {}));
    for (const seed of SEEDS) {
      for (const prediction of PREDICTIONS) {
        const name = PREDICTION_NAMES[prediction];
        const what = { en: `Training ${name.en}, seed ${seed}`, zh: `训练 ${name.zh}，种子 ${seed}` };
        const config = predictionConfig(prediction, seed);
        const network = await parts.run(what, (tell) => trainNetwork({ runtime, config, data, steps, tell, signal }));
        const { process } = network.settings;
        const found = await probes.denoised(network.model, process).finally(() => network.dispose());
        SIGMAS.forEach((sigma, i) =>
          errors.add(prediction, sigma, distanceOf(found[i] ?? new Float32Array(2), exact[i] ?? new Float32Array(2))),
        );
      }
    }
    return resultOf(errors, steps);
  },
};

/** Noised points at each level, the same for all networks. */
class Probes {
  private readonly noised: readonly Float32Array[];

  constructor(
    private readonly runtime: Runtime,
    data: PlaneData,
  ) {
    const clean = sampleMixture(data.mixture, PROBES, 1, 'claim probes');
    this.noised = SIGMAS.map((sigma, step) => {
      const noise = philoxNormals(clean.length, 1, 'claim probe noise', step);
      return clean.map((x, i) => x + sigma * (noise[i] ?? 0));
    });
  }

  /** D at each level. */
  async denoised(model: SampledModel, process: Process): Promise<readonly Float32Array[]> {
    const denoiser = new Denoiser(this.runtime, model, process, PROBES);
    const found: Float32Array[] = [];
    try {
      for (const [i, sigma] of SIGMAS.entries())
        found.push(await denoiser.denoise(this.noised[i] ?? new Float32Array(0), new Float32Array(PROBES).fill(sigma)));
    } finally {
      denoiser.dispose();
    }
    return found;
  }
}

function chartOf(errors: Errors): Chart {
  return {
    kind: 'lines',
    log: { x: true, y: true },
    x: { en: 'σ', zh: 'σ' },
    y: { en: 'RMSE of D', zh: 'D 的均方根误差' },
    series: PREDICTIONS.map((prediction) => ({
      name: PREDICTION_NAMES[prediction],
      points: errors.line(prediction, SIGMAS, geometricMean),
    })),
  };
}

export function preconditioningParts(of: (prediction: Prediction, sigma: number) => readonly number[]): Part[] {
  /** The least error of any other prediction, seed by seed. */
  const best = (sigma: number) =>
    of('edm', sigma).map((_, seed) =>
      Math.min(...PREDICTIONS.flatMap((p) => (p === 'edm' ? [] : [of(p, sigma)[seed] ?? NaN]))),
    );
  return [
    ...MUCH.map((sigma): Part => ({
      name: {
        en: `ε has ${FAILS.much} times EDM’s error at σ = ${sigma}`,
        zh: `σ = ${sigma} 时 ε 的误差为 EDM 的 ${FAILS.much} 倍`,
      },
      verdict: atLeastTimes(of('epsilon', sigma), of('edm', sigma), FAILS.much),
    })),
    {
      name: {
        en: `x₀ has ${FAILS.little} times EDM’s error at σ = ${LITTLE}`,
        zh: `σ = ${LITTLE} 时 x₀ 的误差为 EDM 的 ${FAILS.little} 倍`,
      },
      verdict: atLeastTimes(of('x0', LITTLE), of('edm', LITTLE), FAILS.little),
    },
    {
      name: {
        en: `EDM within ${FAILS.little} times the least at σ = ${LITTLE}`,
        zh: `σ = ${LITTLE} 时 EDM 在最小误差的 ${FAILS.little} 倍内`,
      },
      verdict: atMostTimes(of('edm', LITTLE), best(LITTLE), FAILS.little),
    },
    ...MUCH.map((sigma): Part => ({
      name: {
        en: `EDM within ${FAILS.much} times the least at σ = ${sigma}`,
        zh: `σ = ${sigma} 时 EDM 在最小误差的 ${FAILS.much} 倍内`,
      },
      verdict: atMostTimes(of('edm', sigma), best(sigma), FAILS.much),
    })),
  ];
}

function resultOf(errors: Errors, steps: number): ClaimResult {
  const mean = (prediction: Prediction, sigma: number) => geometricMean(errors.of(prediction, sigma));
  const parts = preconditioningParts((prediction, sigma) => errors.of(prediction, sigma));
  const not = exceptions(parts);
  const row = (sigma: number) => PREDICTIONS.map((prediction) => figure(mean(prediction, sigma))).join(' / ');
  const [little, middle, much] = [row(LITTLE), row(MUCH[0]), row(MUCH[1])];
  return {
    id: 'preconditioning',
    verdict: wholeVerdict(parts),
    summary: {
      en: `Error of D for EDM / ε / x₀ / velocity: ${little} at σ = ${LITTLE}, ${middle} at ${MUCH[0]}, ${much} at ${MUCH[1]}.${not.en}`,
      zh: `EDM / ε / x₀ / 速度的 D 误差：σ = ${LITTLE} 时 ${little}，${MUCH[0]} 时 ${middle}，${MUCH[1]} 时 ${much}。${not.zh}`,
    },
    setup: {
      en: `${TOY_WORDS.en}; ${NETWORK_WORDS.en}; ${steps} steps, ${SEEDS.length} seeds; against the exact denoiser at ${PROBES} noised points a level.`,
      zh: `${TOY_WORDS.zh}；${NETWORK_WORDS.zh}；${steps} 步，${SEEDS.length} 个种子；每级 ${PROBES} 个加噪点，对照精确去噪器。`,
    },
    chart: chartOf(errors),
    figures: {
      ...Object.fromEntries(
        PREDICTIONS.flatMap((prediction) =>
          SIGMAS.map((sigma) => [`${prediction}At${sigma}`, mean(prediction, sigma)] as const),
        ),
      ),
      steps,
      seeds: SEEDS.length,
    },
  };
}
