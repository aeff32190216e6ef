import type { Claim } from '../../../train/claim';
import { exceptions, wholeVerdict, type Part } from '../../../train/claimParts';
import { Found, Parts } from '../../../train/claimProgress';
import type { Config, Text } from '../../../train/control';
import type { ClaimResult } from '../../../train/protocol';
import { average } from '../../../train/verdict';
import type { Chart } from '../../../ui/chart';
import { precisionAt } from '../evaluation';
import { rankNearMisses } from './nearMisses';
import { atLeastOver, BASE, BASE_WORDS, loadBase, measureSides, percent, percentPoints, SCENES, SEEDS } from './shared';

const SIDES = ['one', 'three'] as const;
type Side = (typeof SIDES)[number];
const NAMES: Readonly<Record<Side, Text>> = { one: { en: 'k = 1', zh: 'k = 1' }, three: { en: 'k = 3', zh: 'k = 3' } };
/** What is measured, by where it stands on the chart. */
const [ACCURACY, AUC, AP75] = [0, 1, 2];
const MEASURES = [ACCURACY, AUC, AP75] as const;
/** k = 1 may lose so much in naming true boxes, and must lose so much in ranking near misses. */
const [NAMING, RANKING] = [0.05, 0.05];

const configOf = (side: Side, seed: number): Config => ({
  ...BASE,
  ...{ data: 'furniture', classes: 'six', method: 'rfcn', k: side === 'one' ? 1 : 3, seed },
});

export const position: Claim = {
  id: 'position',
  steps: { gpu: 1500, software: 1000 },
  configs: SIDES.map((side) => configOf(side, SEEDS[0])),
  async run({ runtime, source, steps }, onProgress, signal) {
    const data = await loadBase(source, configOf('one', SEEDS[0]));
    const found = new Found<Side>();
    const parts = new Parts(SIDES.length * SEEDS.length, () => chartOf(found), onProgress);
    const measure = async (side: Side, detector: Parameters<typeof rankNearMisses>[0]) => {
      const { accuracy, auc } = await rankNearMisses(detector, data, SCENES);
      found.add(side, ACCURACY, accuracy);
      found.add(side, AUC, auc);
      found.add(side, AP75, precisionAt(await detector.judged({}, SCENES), 0.75));
    };
    await measureSides(
      { sides: SIDES, names: NAMES, configOf, measure },
      found,
      { runtime, source, data, steps },
      parts,
      signal,
    );
    return resultOf(found, steps);
  },
};

function chartOf(found: Found<Side>): Chart {
  return {
    kind: 'bars',
    x: {
      en: '0: true boxes named, 1: near misses ranked, 2: AP at .75',
      zh: '0：真实框命名，1：近似框排序，2：AP@.75',
    },
    y: { en: '%', zh: '%' },
    series: SIDES.map((side) => ({ name: NAMES[side], points: percentPoints(found, side, MEASURES) })),
  };
}

/** Of shares by side and measure, seed by seed. */
export function positionParts(of: (side: Side, measure: number) => readonly number[]): Part[] {
  return [
    {
      name: { en: 'k = 1 names true boxes as well', zh: 'k = 1 命名真实框同样好' },
      verdict: atLeastOver(of('one', ACCURACY), of('three', ACCURACY), -NAMING),
    },
    {
      name: { en: 'k = 3 ranks near misses better', zh: 'k = 3 对近似框排序更好' },
      verdict: atLeastOver(of('three', AUC), of('one', AUC), RANKING),
    },
    {
      name: { en: 'k = 3 is better at an overlap of .75', zh: 'k = 3 在重叠 .75 时更好' },
      verdict: atLeastOver(of('three', AP75), of('one', AP75)),
    },
  ];
}

function resultOf(found: Found<Side>, steps: number): ClaimResult {
  const parts = positionParts((side, measure) => found.of(side, measure));
  const not = exceptions(parts);
  const at = (side: Side, measure: number) => percent(found.of(side, measure));
  const both = (measure: number) => `${at('one', measure)} / ${at('three', measure)}`;
  return {
    id: 'position',
    verdict: wholeVerdict(parts),
    summary: {
      en: `k = 1 / k = 3: true boxes named ${both(ACCURACY)}, near misses ranked ${both(AUC)}, AP at .75 ${both(AP75)}.${not.en}`,
      zh: `k = 1 / k = 3：真实框命名 ${both(ACCURACY)}，近似框排序 ${both(AUC)}，AP@.75 ${both(AP75)}。${not.zh}`,
    },
    setup: {
      en: `${BASE_WORDS.en}, but six classes of furniture; R-FCN, ${steps} steps, ${SEEDS.length} seeds; ${SCENES} held-out scenes; near misses overlap an object by .2 to .85.`,
      zh: `${BASE_WORDS.zh}，但用六类家具；R-FCN，${steps} 步，${SEEDS.length} 个种子；${SCENES} 个留出场景；近似框与物体重叠 .2 至 .85。`,
    },
    chart: chartOf(found),
    figures: {
      ...Object.fromEntries(
        SIDES.flatMap((side) =>
          (['Accuracy', 'Auc', 'Ap75'] as const).map(
            (name, m) => [`${side}${name}`, average(found.of(side, m))] as const,
          ),
        ),
      ),
      steps,
      seeds: SEEDS.length,
    },
  };
}
