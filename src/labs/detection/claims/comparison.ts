/** Claims that train two detectors alike but for one setting, and compare their precision on some kinds of scenes. */
import type { SceneOptions } from '../../../data/scenes';
import type { Claim } from '../../../train/claim';
import { exceptions, wholeVerdict, type Part } from '../../../train/claimParts';
import { Found, Parts } from '../../../train/claimProgress';
import type { Config, Text } from '../../../train/control';
import { summarise } from '../../../train/evaluation/averagePrecision';
import { average } from '../../../train/verdict';
import type { Chart } from '../../../ui/chart';
import { BASE_WORDS, loadBase, measureSides, percent, percentPoints, SCENES, SEEDS } from './shared';

export type Side = 'without' | 'with';
const SIDES: readonly Side[] = ['without', 'with'];

/** One bar of the chart: precision on scenes of a kind. */
export interface Measured {
  readonly id: string;
  readonly name: Text;
  readonly scene: Partial<SceneOptions>;
  readonly precision: 'ap50' | 'ap75' | 'ap';
}

/** Precisions seed by seed of a side, by the measure's id. */
export type Precisions = (side: Side, id: string) => readonly number[];

export interface Compared {
  readonly id: string;
  readonly steps: Claim['steps'];
  readonly names: Readonly<Record<Side, Text>>;
  readonly configOf: (side: Side, seed: number) => Config;
  readonly measures: readonly Measured[];
  readonly parts: (of: Precisions) => Part[];
  /** What is trained beside BASE, in words. */
  readonly words: Text;
}

export function comparisonClaim(compared: Compared): Claim {
  const { id, steps, names, configOf, measures } = compared;
  const chart = (found: Found<Side>): Chart => ({
    kind: 'bars',
    x: {
      en: measures.map((m, i) => `${i}: ${m.name.en}`).join(', '),
      zh: measures.map((m, i) => `${i}：${m.name.zh}`).join('，'),
    },
    y: { en: 'average precision, %', zh: '平均精度 %' },
    series: SIDES.map((side) => ({
      name: names[side],
      points: percentPoints(
        found,
        side,
        measures.map((_, i) => i),
      ),
    })),
  });
  return {
    id,
    steps,
    configs: SIDES.map((side) => configOf(side, SEEDS[0])),
    async run({ runtime, source, steps: length }, onProgress, signal) {
      const data = await loadBase(source);
      const found = new Found<Side>();
      const parts = new Parts(SIDES.length * SEEDS.length, () => chart(found), onProgress);
      await measureSides(
        {
          ...{ sides: SIDES, names, configOf },
          measure: async (side, detector) => {
            for (const [i, { scene, precision }] of measures.entries()) {
              const { truths, detections } = await detector.judged(scene, SCENES);
              found.add(side, i, summarise(truths, detections)[precision]);
            }
          },
        },
        found,
        { runtime, source, data, steps: length },
        parts,
        signal,
      );
      const index = (measure: string) => measures.findIndex((m) => m.id === measure);
      const judged = compared.parts((side, measure) => found.of(side, index(measure)));
      const not = exceptions(judged);
      const told = (language: keyof Text) =>
        measures
          .map((m, i) => `${m.name[language]} ${percent(found.of('without', i))} / ${percent(found.of('with', i))}`)
          .join('; ');
      const both = (language: keyof Text) => `${names.without[language]} / ${names.with[language]}`;
      return {
        id,
        verdict: wholeVerdict(judged),
        summary: {
          en: `${both('en')}: ${told('en')}.${not.en}`,
          zh: `${both('zh')}：${told('zh')}。${not.zh}`,
        },
        setup: {
          en: `${BASE_WORDS.en}; ${compared.words.en}; ${length} steps, ${SEEDS.length} seeds; ${SCENES} held-out scenes.`,
          zh: `${BASE_WORDS.zh}；${compared.words.zh}；${length} 步，${SEEDS.length} 个种子；${SCENES} 个留出场景。`,
        },
        chart: chart(found),
        figures: {
          ...Object.fromEntries(
            SIDES.flatMap((side) => measures.map((m, i) => [`${side} ${m.id}`, average(found.of(side, i))] as const)),
          ),
          steps: length,
          seeds: SEEDS.length,
        },
      };
    },
  };
}
