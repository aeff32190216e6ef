import type { Claim } from '../../../train/claim';
import { exceptions, wholeVerdict, type Part } from '../../../train/claimParts';
import { Found } from '../../../train/claimProgress';
import type { Config, Text } from '../../../train/control';
import type { ClaimResult } from '../../../train/protocol';
import { average } from '../../../train/verdict';
import type { Chart } from '../../../ui/chart';
import { loadPointData } from '../data/data';
import { findDistortedAccuracies } from './distortedAccuracies';
import { atLeastOver, BASE, BASE_WORDS, percent, percentLine, SEEDS } from './shared';

const SIDES = ['max', 'mean', 'maxTrained'] as const;
type Side = (typeof SIDES)[number];
const NAMES: Readonly<Record<Side, Text>> = {
  max: { en: 'max pooling', zh: '最大池化' },
  mean: { en: 'mean pooling', zh: '平均池化' },
  maxTrained: { en: 'max pooling, outliers in training', zh: '最大池化，训练含离群点' },
};

/** Shares of the points that are thrown anywhere. */
const SHARES = [0, 0.05, 0.1, 0.2, 0.5] as const;
const MANY = 0.2;
/** In training, where there are any. */
const TRAINED = 0.2;
/** What of the accuracy on clean clouds may still be missing where outliers were learned. */
const MISSING = 0.1;

type Accuracies = Found<Side>;

const configOf = (side: Side, seed: number): Config => ({
  ...BASE,
  pool: side === 'mean' ? 'mean' : 'max',
  inoutliers: side === 'maxTrained' ? TRAINED : 0,
  seed,
});

export const outliers: Claim = {
  id: 'outliers',
  steps: { gpu: 2000, software: 250 },
  configs: SIDES.map((side) => ({ ...configOf(side, SEEDS[0]), lookoutliers: MANY })),
  async run({ runtime, source, steps }, onProgress, signal) {
    const data = await loadPointData(BASE, source);
    const found: Accuracies = new Found();
    await findDistortedAccuracies(
      {
        sides: SIDES,
        names: NAMES,
        configOf,
        data,
        distortions: SHARES.map((share) => ({ key: share, distortion: { outliers: share } })),
        found,
        chart: () => chartOf(found),
      },
      { runtime, steps },
      onProgress,
      signal,
    );
    return resultOf(found, data.set.test.count, steps);
  },
};

function chartOf(found: Accuracies): Chart {
  return {
    kind: 'lines',
    x: { en: 'share of outliers', zh: '离群点比例' },
    y: { en: 'accuracy, %', zh: '准确率 %' },
    series: SIDES.map((side) => ({ name: NAMES[side], points: percentLine(found, side, SHARES) })),
  };
}

/** Of accuracies with a share of outliers, seed by seed. */
export function outlierParts(of: (side: Side, share: number) => readonly number[]): Part[] {
  return [
    {
      name: { en: 'max pooling falls below half of mean pooling', zh: '最大池化跌到平均池化的一半以下' },
      verdict: atLeastOver(
        of('mean', MANY).map((value) => value / 2),
        of('max', MANY),
      ),
    },
    {
      name: { en: 'it recovers with outliers in training', zh: '训练含离群点后恢复' },
      verdict: atLeastOver(of('maxTrained', MANY), of('max', 0), -MISSING),
    },
  ];
}

function resultOf(found: Accuracies, shapes: number, steps: number): ClaimResult {
  const parts = outlierParts((side, share) => found.of(side, share));
  const not = exceptions(parts);
  const line = (side: Side) => SHARES.map((share) => percent(found.of(side, share))).join(', ');
  const told = (language: keyof Text) => SIDES.map((side) => `${NAMES[side][language]} ${line(side)}`).join('; ');
  return {
    id: 'outliers',
    verdict: wholeVerdict(parts),
    summary: {
      en: `With 0, 5, 10, 20 and 50% outliers: ${told('en')}.${not.en}`,
      zh: `离群点占 0、5、10、20、50% 时：${told('zh')}。${not.zh}`,
    },
    setup: {
      en: `${BASE_WORDS.en}; PointNet, ${steps} steps, ${SEEDS.length} seeds, ${100 * TRAINED}% outliers in training where there are any; ${shapes} held-out shapes.`,
      zh: `${BASE_WORDS.zh}；PointNet，${steps} 步，${SEEDS.length} 个种子，训练含离群点时为 ${100 * TRAINED}%；${shapes} 个留出形状。`,
    },
    chart: chartOf(found),
    figures: {
      ...Object.fromEntries(
        SIDES.flatMap((side) => SHARES.map((s) => [`${side}Outliers${100 * s}`, average(found.of(side, s))] as const)),
      ),
      shapes,
      steps,
      seeds: SEEDS.length,
    },
  };
}
