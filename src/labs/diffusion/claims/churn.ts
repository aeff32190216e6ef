import type { Claim } from '../../../train/claim';
import { atLeastTimes, exceptions, geometricMean, wholeVerdict, type Part } from '../../../train/claimParts';
import { figure, Found, Parts } from '../../../train/claimProgress';
import type { Text } from '../../../train/control';
import type { ClaimResult } from '../../../train/protocol';
import { slicedWasserstein } from '../../../train/evaluation/slicedWasserstein';
import type { Chart } from '../../../ui/chart';
import { sampleMixture } from '../data/mixture';
import { PointSampler } from './pointSampler';
import { NETWORK_WORDS, PREDICTION_NAMES, predictionConfig, type Prediction } from './predictions';
import { SEEDS, TOY_WORDS, toyData } from './shared';
import { trainNetwork } from './trainedNetwork';

const NETWORKS = ['epsilon', 'edm'] as const satisfies readonly Prediction[];
type Network = (typeof NETWORKS)[number];
const STEPS = 18;
/** Past 7.5 all is one in 18 steps: a step's noise at most doubles its variance. */
const CHURNS = [0, 2, 5, 20] as const;
const [NONE, MUCH] = [0, 20];
/** A change by less than a tenth neither repairs nor spoils. */
const REPAIRS = 1.1;
const POINTS = 8192;

type Distances = Found<Network>;

export const churn: Claim = {
  id: 'churn',
  steps: { gpu: 4000, software: 600 },
  configs: NETWORKS.flatMap((network) =>
    [NONE, MUCH].map((amount) => ({
      ...predictionConfig(network, SEEDS[0]),
      sampler: 'heun',
      nsteps: STEPS,
      churn: amount,
    })),
  ),
  async run(context, onProgress, signal) {
    const { runtime, steps } = context;
    const data = await toyData(context);
    const distances: Distances = new Found();
    let floor = NaN;
    const parts = new Parts(SEEDS.length * NETWORKS.length, () => chartOf(distances, floor), onProgress);
    const cloud = (points: Float32Array) => ({ points, count: POINTS, width: 2 });
    for (const seed of SEEDS) {
      const real = cloud(sampleMixture(data.mixture, POINTS, seed, 'claim data'));
      floor = slicedWasserstein(cloud(sampleMixture(data.mixture, POINTS, seed, 'claim floor')), real);
      for (const network of NETWORKS) {
        const name = PREDICTION_NAMES[network];
        const what = { en: `Training ${name.en}, seed ${seed}`, zh: `训练 ${name.zh}，种子 ${seed}` };
        const config = predictionConfig(network, seed);
        const made = await parts.run(what, (tell) => trainNetwork({ runtime, config, data, steps, tell, signal }));
        try {
          const { process } = made.settings;
          const form = { points: POINTS, evaluations: 2 * STEPS };
          const sampler = await PointSampler.open(runtime, made.model, form, signal);
          try {
            for (const amount of CHURNS) {
              const sampled = { ...process.sampler, name: 'heun' as const, steps: STEPS, churn: amount };
              const ends = await sampler.ends({ process: { ...process, sampler: sampled }, seed });
              distances.add(network, amount, slicedWasserstein(cloud(ends), real));
            }
          } finally {
            sampler.dispose();
          }
        } finally {
          made.dispose();
        }
      }
    }
    return resultOf(distances, floor, steps);
  },
};

function chartOf(distances: Distances, floor: number): Chart {
  const words: Readonly<Record<Network, Text>> = {
    epsilon: { en: 'ε-prediction', zh: 'ε 预测' },
    edm: { en: 'EDM', zh: 'EDM' },
  };
  return {
    kind: 'lines',
    log: { y: true },
    x: { en: 'S_churn', zh: 'S_churn' },
    y: { en: 'sliced Wasserstein distance', zh: '切片 Wasserstein 距离' },
    series: [
      ...NETWORKS.map((network) => ({
        name: words[network],
        points: distances.line(network, CHURNS, geometricMean),
      })),
      {
        name: { en: 'exact samples', zh: '精确样本' },
        points: Number.isFinite(floor) ? CHURNS.map((amount) => [amount, floor] as const) : [],
      },
    ],
  };
}

/** Of distances without and with churn, seed by seed. */
export function churnParts(of: (network: Network, amount: number) => readonly number[]): Part[] {
  const repairs = (network: Network) => atLeastTimes(of(network, NONE), of(network, MUCH), REPAIRS);
  const helpsEdm = repairs('edm');
  return [
    {
      name: { en: 'churn repairs ε-prediction', zh: '扰动修复 ε 预测' },
      verdict: repairs('epsilon'),
    },
    {
      name: { en: 'churn does not help EDM', zh: '扰动无助于 EDM' },
      verdict: helpsEdm === 'undecided' ? 'undecided' : helpsEdm === 'holds' ? 'fails' : 'holds',
    },
  ];
}

function resultOf(distances: Distances, floor: number, steps: number): ClaimResult {
  const mean = (network: Network, amount: number) => geometricMean(distances.of(network, amount));
  const parts = churnParts((network, amount) => distances.of(network, amount));
  const not = exceptions(parts);
  const change = (network: Network) => `${figure(mean(network, NONE))} → ${figure(mean(network, MUCH))}`;
  return {
    id: 'churn',
    verdict: wholeVerdict(parts),
    summary: {
      en: `With S_churn ${MUCH} the distance to the data goes ${change('epsilon')} for ε-prediction and ${change('edm')} for EDM; exact samples are at ${figure(floor)}.${not.en}`,
      zh: `S_churn 为 ${MUCH} 时，与数据的距离：ε 预测 ${change('epsilon')}，EDM ${change('edm')}；精确样本为 ${figure(floor)}。${not.zh}`,
    },
    setup: {
      en: `${TOY_WORDS.en}; ${NETWORK_WORDS.en}; ${steps} training steps, ${SEEDS.length} seeds; ${STEPS} Heun steps from σ = 80, sliced Wasserstein distance of ${POINTS} samples.`,
      zh: `${TOY_WORDS.zh}；${NETWORK_WORDS.zh}；训练 ${steps} 步，${SEEDS.length} 个种子；从 σ = 80 起 ${STEPS} 步 Heun，${POINTS} 个样本的切片 Wasserstein 距离。`,
    },
    chart: chartOf(distances, floor),
    figures: {
      ...Object.fromEntries(
        NETWORKS.flatMap((network) => CHURNS.map((amount) => [`${network}Churn${amount}`, mean(network, amount)])),
      ),
      floor,
      points: POINTS,
      steps,
      seeds: SEEDS.length,
    },
  };
}
