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

const SIDES = ['ssg', 'ssgDropped', 'msgDropped'] as const;
type Side = (typeof SIDES)[number];
const NAMES: Readonly<Record<Side, Text>> = {
  ssg: { en: 'one radius', zh: '单尺度' },
  ssgDropped: { en: 'one radius, input dropout', zh: '单尺度加输入丢弃' },
  msgDropped: { en: 'three radii, input dropout', zh: '三尺度加输入丢弃' },
};
/** As in the paper. */
const INPUT_DROPOUT = 0.875;
const POINTS = 256;

/** Shares of the points that are missing evenly. */
const MISSING = [0, 0.5, 0.75, 0.875] as const;
const FEW = 0.875;
/** The density falls from all to nothing along a direction; kept beside the shares under this key. */
const UNEVEN = -1;

type Accuracies = Found<Side>;

const configOf = (side: Side, seed: number): Config => ({
  ...BASE,
  ...{ method: 'pointnet2', points: POINTS, centres: 32, members: 8, radius: 0.3 },
  grouping: side === 'msgDropped' ? 'msg' : 'ssg',
  indrop: side === 'ssg' ? 0 : INPUT_DROPOUT,
  seed,
});

export const density: Claim = {
  id: 'density',
  steps: { gpu: 2000, software: 200 },
  configs: SIDES.map((side) => ({ ...configOf(side, SEEDS[0]), lookdensity: 1 })),
  async run({ runtime, source, steps }, onProgress, signal) {
    const data = await loadPointData(configOf('ssg', SEEDS[0]), source);
    const found: Accuracies = new Found();
    await findDistortedAccuracies(
      {
        sides: SIDES,
        names: NAMES,
        configOf,
        data,
        distortions: [
          ...MISSING.map((share) => ({ key: share, distortion: { leastDrop: share, mostDrop: share } })),
          { key: UNEVEN, distortion: { densityGradient: 1 } },
        ],
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
    series: SIDES.map((side) => ({ name: NAMES[side], points: percentLine(found, side, MISSING) })),
  };
}

/** Of accuracies with a share of the points missing, or (−1) with uneven density, seed by seed. */
export function densityParts(of: (side: Side, missing: number) => readonly number[]): Part[] {
  const lost = (side: Side, missing: number) => {
    const full = of(side, 0);
    return of(side, missing).map((value, i) => (full[i] ?? NaN) - value);
  };
  const lessLost = (missing: number) => atLeastOver(lost('ssg', missing), lost('msgDropped', missing));
  return [
    {
      name: { en: 'less lost with an eighth of the points', zh: '只剩八分之一的点时下降更少' },
      verdict: lessLost(FEW),
    },
    {
      name: { en: 'less lost where the density falls along a direction', zh: '密度沿一个方向下降时下降更少' },
      verdict: lessLost(UNEVEN),
    },
  ];
}

function resultOf(found: Accuracies, shapes: number, steps: number): ClaimResult {
  const parts = densityParts((side, missing) => found.of(side, missing));
  const not = exceptions(parts);
  const told = (language: keyof Text) =>
    SIDES.map((side) => {
      const [full, few, uneven] = [0, FEW, UNEVEN].map((at) => percent(found.of(side, at)));
      return `${NAMES[side][language]} ${full}, ${few}, ${uneven}`;
    }).join('; ');
  return {
    id: 'density',
    verdict: wholeVerdict(parts),
    summary: {
      en: `With all points, an eighth of them, and uneven density: ${told('en')}.${not.en}`,
      zh: `全部点、八分之一的点、密度不均时：${told('zh')}。${not.zh}`,
    },
    setup: {
      en: `${BASE_WORDS.en}, but ${POINTS} points; PointNet++ of 32 and 8 centres, balls of 8 and 16 points, radius 0.3; input dropout up to ${INPUT_DROPOUT}; ${steps} steps, ${SEEDS.length} seeds; ${shapes} held-out shapes.`,
      zh: `${BASE_WORDS.zh}，但 ${POINTS} 点；PointNet++ 中心 32 与 8，球内 8 与 16 点，半径 0.3；输入丢弃至多 ${INPUT_DROPOUT}；${steps} 步，${SEEDS.length} 个种子；${shapes} 个留出形状。`,
    },
    chart: chartOf(found),
    figures: {
      ...Object.fromEntries(
        SIDES.flatMap((side) => [
          ...MISSING.map((s) => [`${side}Missing${100 * s}`, average(found.of(side, s))] as const),
          [`${side}Uneven`, average(found.of(side, UNEVEN))] as const,
        ]),
      ),
      shapes,
      steps,
      seeds: SEEDS.length,
    },
  };
}
