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

const METHODS = ['pointnet', 'voxels', 'views'] as const;
type Method = (typeof METHODS)[number];
const NAMES: Readonly<Record<Method, Text>> = {
  pointnet: { en: 'PointNet', zh: 'PointNet' },
  voxels: { en: 'voxels 16³', zh: '体素 16³' },
  views: { en: '6 views', zh: '6 视图' },
};

/** Shares of the points that are missing. */
const MISSING = [0, 0.25, 0.5, 0.75, 0.9] as const;
const FEW = [0.75, 0.9] as const;
/** On an easier set nothing can be lost. */
const HARD_ENOUGH = 0.97;
const MOST_LOST_AT_HALF = 0.05;
const POINTS = 256;
/** Deviation of every coordinate, in training and after: without noise the solids are too easy. */
const NOISE = 0.08;

type Accuracies = Found<Method>;

const configOf = (method: Method, seed: number): Config => ({ ...BASE, method, points: POINTS, jitter: NOISE, seed });

export const missingPoints: Claim = {
  id: 'missing-points',
  steps: { gpu: 2000, software: 300 },
  configs: METHODS.map((method) => ({ ...configOf(method, SEEDS[0]), looknoise: NOISE, lookdrop: 0.5 })),
  async run({ runtime, source, steps }, onProgress, signal) {
    const data = await loadPointData(configOf('pointnet', SEEDS[0]), source);
    const found: Accuracies = new Found();
    await findDistortedAccuracies(
      {
        sides: METHODS,
        names: NAMES,
        configOf,
        data,
        distortions: MISSING.map((share) => ({
          key: share,
          distortion: { jitter: NOISE, jitterLimit: 5 * NOISE, leastDrop: share, mostDrop: share },
        })),
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
    x: { en: 'share of points missing', zh: '缺失点的比例' },
    y: { en: 'accuracy, %', zh: '准确率 %' },
    series: METHODS.map((method) => ({ name: NAMES[method], points: percentLine(found, method, MISSING) })),
  };
}

/** Of accuracies with a share of the points missing, seed by seed. */
export function missingParts(of: (method: Method, missing: number) => readonly number[]): Part[] {
  const lost = (method: Method, missing: number) => {
    const full = of(method, 0);
    return of(method, missing).map((value, i) => (full[i] ?? NaN) - value);
  };
  const full = average(of('pointnet', 0));
  return [
    {
      name: { en: `below ${percent(HARD_ENOUGH)} with all points`, zh: `完整点云低于 ${percent(HARD_ENOUGH)}` },
      verdict: Number.isNaN(full) ? 'undecided' : full < HARD_ENOUGH ? 'holds' : 'fails',
    },
    {
      name: { en: 'at most 5 points lost with half missing', zh: '缺一半时下降不超过 5 个百分点' },
      verdict: atLeastOver(of('pointnet', 0.5), of('pointnet', 0), -MOST_LOST_AT_HALF),
    },
    ...FEW.flatMap((missing) =>
      (['voxels', 'views'] as const).map((other): Part => ({
        name: {
          en: `less lost than by ${NAMES[other].en} with ${100 * missing}% missing`,
          zh: `缺 ${100 * missing}% 时比${NAMES[other].zh}下降更少`,
        },
        verdict: atLeastOver(lost(other, missing), lost('pointnet', missing)),
      })),
    ),
  ];
}

function resultOf(found: Accuracies, shapes: number, steps: number): ClaimResult {
  const parts = missingParts((method, missing) => found.of(method, missing));
  const not = exceptions(parts);
  const line = (method: Method) => MISSING.map((missing) => percent(found.of(method, missing))).join(', ');
  const told = (language: keyof Text) => METHODS.map((m) => `${NAMES[m][language]} ${line(m)}`).join('; ');
  return {
    id: 'missing-points',
    verdict: wholeVerdict(parts),
    summary: {
      en: `With 0, 25, 50, 75 and 90% of the points missing: ${told('en')}.${not.en}`,
      zh: `缺失 0、25、50、75、90% 的点时：${told('zh')}。${not.zh}`,
    },
    setup: {
      en: `${BASE_WORDS.en}, but ${POINTS} points with noise of ${NOISE}; ${steps} steps, ${SEEDS.length} seeds; ${shapes} held-out shapes; a missing point repeats the first.`,
      zh: `${BASE_WORDS.zh}，但 ${POINTS} 点且噪声 ${NOISE}；${steps} 步，${SEEDS.length} 个种子；${shapes} 个留出形状；缺失点重复首点。`,
    },
    chart: chartOf(found),
    figures: {
      ...Object.fromEntries(
        METHODS.flatMap((m) => MISSING.map((s) => [`${m}Missing${100 * s}`, average(found.of(m, s))] as const)),
      ),
      shapes,
      steps,
      seeds: SEEDS.length,
    },
  };
}
