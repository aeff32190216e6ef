import type { Claim } from '../../../train/claim';
import { atLeastTimes, atMostTimes, exceptions, wholeVerdict, type Part } from '../../../train/claimParts';
import { figure, Found, Parts } from '../../../train/claimProgress';
import type { Text } from '../../../train/control';
import type { ClaimResult } from '../../../train/protocol';
import { slicedWasserstein } from '../../../train/evaluation/slicedWasserstein';
import { average } from '../../../train/verdict';
import type { Chart } from '../../../ui/chart';
import { sampleMixture } from '../data/mixture';
import { exactModel } from '../model';
import type { Process } from '../process/framework';
import type { SamplerSettings } from '../process/samplerSettings';
import { PointSampler, processWith } from './pointSampler';
import { TOY, TOY_WORDS, toyData } from './shared';

type Chance = 'none' | 'one' | 'large';
const CHANCES: readonly Chance[] = ['none', 'one', 'large'];
const NAMES: Readonly<Record<Chance, Text>> = {
  none: { en: 'η = 0', zh: 'η = 0' },
  one: { en: 'η = 1', zh: 'η = 1' },
  large: { en: 'large variance', zh: '大方差' },
};
const SAMPLERS: Readonly<Record<Chance, Partial<SamplerSettings>>> = {
  none: { name: 'ddim', eta: 0 },
  one: { name: 'ddim', eta: 1 },
  large: { name: 'ddpmLarge' },
};

const COUNTS = [5, 10, 20, 50, 100] as const;
const FEW = [5, 10, 20] as const;
const MANY = 100;
/** Seeds of noise and data: distances at 20 steps lie near the floor, and three draws leave their order open. */
const DRAWS = [1, 2, 3, 4, 5, 6, 7, 8] as const;

/** Distances to the data, and under 'floor' those of exact samples, which do not depend on steps. */
type Distances = Found<Chance | 'floor'>;

export const eta: Claim = {
  id: 'eta',
  steps: { gpu: 20000, software: 16384 },
  configs: CHANCES.map((chance) => {
    const { name = 'ddim', eta: value = 0 } = SAMPLERS[chance];
    return { ...TOY, framework: 'vp', grid: 'ddimUniform', sampler: name, eta: value, nsteps: 20 };
  }),
  async run(context, onProgress, signal) {
    const { runtime, steps: points } = context;
    const data = await toyData(context);
    const distances: Distances = new Found();
    const total = DRAWS.length * CHANCES.length * COUNTS.length;
    const parts = new Parts(total, () => chartOf(distances), onProgress);
    const form = { points, evaluations: MANY };
    const sampler = await PointSampler.open(runtime, exactModel(data), form, signal);
    try {
      for (const seed of DRAWS) {
        const drawn = (stream: string) => ({
          points: sampleMixture(data.mixture, points, seed, stream),
          count: points,
          width: 2,
        });
        const real = drawn('claim data');
        distances.add('floor', 0, slicedWasserstein(drawn('claim floor'), real));
        for (const count of COUNTS) {
          for (const chance of CHANCES) {
            const what = {
              en: `${NAMES[chance].en}, ${count} steps, noise ${seed}`,
              zh: `${NAMES[chance].zh}，${count} 步，噪声 ${seed}`,
            };
            const run = { process: processOf(chance, count), seed };
            const ends = await parts.run(what, (tell) => sampler.ends({ ...run, tell }));
            distances.add(chance, count, slicedWasserstein({ points: ends, count: points, width: 2 }, real));
            signal.throwIfAborted();
          }
        }
      }
    } finally {
      sampler.dispose();
    }
    return resultOf(distances, points);
  },
};

/** DDPM's linear schedule with steps left out evenly, in VP's scaled state. */
function processOf(chance: Chance, steps: number): Process {
  return processWith('vp', { ...SAMPLERS[chance], steps }, { grid: 'ddimUniform' });
}

function chartOf(distances: Distances): Chart {
  const floor = distances.of('floor', 0);
  return {
    kind: 'lines',
    log: { x: true, y: true },
    x: { en: 'steps', zh: '步数' },
    y: { en: 'sliced Wasserstein distance', zh: '切片 Wasserstein 距离' },
    series: [
      ...CHANCES.map((chance) => ({ name: NAMES[chance], points: distances.line(chance, COUNTS, average) })),
      {
        name: { en: 'exact samples', zh: '精确样本' },
        points: floor.length > 0 ? COUNTS.map((count) => [count, average(floor)] as const) : [],
      },
    ],
  };
}

/**
 * In order at few steps; at many the gap between the worst and the best is less than what two sets of exact samples differ by.
 */
export function etaParts(of: (chance: Chance, steps: number) => readonly number[], floor: readonly number[]): Part[] {
  const ordered = (better: Chance, worse: Chance, count: number): Part => ({
    name: {
      en: `${NAMES[better].en} before ${NAMES[worse].en} at ${count} steps`,
      zh: `${count} 步时 ${NAMES[better].zh} 优于 ${NAMES[worse].zh}`,
    },
    verdict: atLeastTimes(of(worse, count), of(better, count)),
  });
  const withFloor = of('none', MANY).map((distance, i) => distance + (floor[i] ?? NaN));
  return [
    ...FEW.flatMap((count) => [ordered('none', 'one', count), ordered('one', 'large', count)]),
    {
      name: { en: `the gap closed at ${MANY} steps`, zh: `${MANY} 步时差距消失` },
      verdict: atMostTimes(of('large', MANY), withFloor),
    },
  ];
}

function resultOf(distances: Distances, points: number): ClaimResult {
  const mean = (chance: Chance, count: number) => average(distances.of(chance, count));
  const floor = distances.of('floor', 0);
  const parts = etaParts((chance, count) => distances.of(chance, count), floor);
  const not = exceptions(parts);
  const row = (count: number) => CHANCES.map((chance) => figure(mean(chance, count))).join(' / ');
  const least = figure(average(floor));
  return {
    id: 'eta',
    verdict: wholeVerdict(parts),
    summary: {
      en: `η = 0 / η = 1 / large variance are ${row(10)} from the data at 10 steps, ${row(20)} at 20 and ${row(MANY)} at ${MANY}; two sets of exact samples are ${least} apart.${not.en}`,
      zh: `η = 0 / η = 1 / 大方差与数据的距离：10 步 ${row(10)}，20 步 ${row(20)}，${MANY} 步 ${row(MANY)}；两组精确样本相距 ${least}。${not.zh}`,
    },
    setup: {
      en: `${TOY_WORDS.en}, exact denoiser, VP with DDPM's linear levels; sliced Wasserstein distance of ${points} samples to as many of the density, ${DRAWS.length} draws.`,
      zh: `${TOY_WORDS.zh}，精确去噪器，VP 与 DDPM 线性噪声级；${points} 个样本到同样多密度样本的切片 Wasserstein 距离，${DRAWS.length} 次抽取。`,
    },
    chart: chartOf(distances),
    figures: {
      ...Object.fromEntries(
        CHANCES.flatMap((chance) => COUNTS.map((count) => [`${chance}${count}`, mean(chance, count)] as const)),
      ),
      floor: average(floor),
      points,
      seeds: DRAWS.length,
    },
  };
}
