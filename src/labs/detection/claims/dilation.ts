import type { SceneOptions } from '../../../data/scenes';
import type { Claim } from '../../../train/claim';
import { exceptions, wholeVerdict, type Part } from '../../../train/claimParts';
import { Found, Parts } from '../../../train/claimProgress';
import type { Config, Text } from '../../../train/control';
import type { ClaimResult } from '../../../train/protocol';
import { average } from '../../../train/verdict';
import type { Chart } from '../../../ui/chart';
import type { DetectionData } from '../data/data';
import { layersOf } from '../deformedLayers';
import { SCENE_SEED } from '../evaluation';
import type { Detector } from '../experiment';
import { spreadAt } from '../samplingPoints';
import { atLeastOver, BASE, BASE_WORDS, loadBase, measureSides, SCENES, SEEDS } from './shared';

/** Longer sides of the objects as shares of the picture, in three bins. */
const RANGES = [
  [0.2, 0.35],
  [0.4, 0.55],
  [0.65, 0.85],
] as const;
const BINS = [0, 1, 2] as const;
/** Kept beside the bins: the correlation of size and spread. */
const CORRELATION = 3;
const LEAST_CORRELATION = 0.6;
const NAMES: Readonly<Record<'offsets', Text>> = { offsets: { en: 'deformable layer', zh: '可变形层' } };

const configOf = (seed: number): Config => ({
  ...{ ...BASE, deform: 'v1', deformed: 1, offsetrate: 1, smallest: 0.2, largest: 0.85, seed },
});

export const dilation: Claim = {
  id: 'dilation',
  steps: { gpu: 2000, software: 700 },
  configs: [configOf(SEEDS[0])],
  async run({ runtime, source, steps }, onProgress, signal) {
    const data = await loadBase(source);
    const found = new Found<'offsets'>();
    const parts = new Parts(SEEDS.length, () => chartOf(found), onProgress);
    await measureSides(
      {
        ...{ sides: ['offsets'], names: NAMES },
        configOf: (_, seed) => configOf(seed),
        measure: async (side, detector) => {
          const pairs: (readonly [number, number])[] = [];
          for (const [bin, range] of RANGES.entries()) {
            const own = await spreads(detector, data, range);
            found.add(side, bin, average(own.map(([, spread]) => spread)));
            pairs.push(...own);
          }
          found.add(side, CORRELATION, correlation(pairs));
        },
      },
      found,
      { runtime, source, data, steps },
      parts,
      signal,
    );
    return resultOf(found, steps);
  },
};

/** Size and effective dilation at the centre of each object of some scenes with one object. */
async function spreads(detector: Detector, data: DetectionData, scale: readonly [number, number]) {
  const pairs: (readonly [number, number])[] = [];
  const { shape } = detector.reader;
  const form = detector.reader.form({ batch: 1, proposals: 0, given: 1, inside: true });
  const options: SceneOptions = { ...detector.sceneOptions, objects: [1, 1], scale };
  for (let number = 0; number < SCENES / RANGES.length; number++) {
    const scene = data.scene('test', SCENE_SEED, number, options);
    await form.run([scene.pixels], 1, [[0, 0, data.size, data.size]]);
    const layer = (await layersOf(form, shape)).at(-1);
    if (!layer) continue;
    for (const { box, scale: size } of scene.objects)
      pairs.push([size, spreadAt(layer, [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2])]);
  }
  return pairs;
}

/** Pearson's; NaN where one side does not vary. */
export function correlation(pairs: readonly (readonly [number, number])[]): number {
  const [mx, my] = [average(pairs.map(([x]) => x)), average(pairs.map(([, y]) => y))];
  let [xy, xx, yy] = [0, 0, 0];
  for (const [x, y] of pairs) {
    xy += (x - mx) * (y - my);
    xx += (x - mx) ** 2;
    yy += (y - my) ** 2;
  }
  return xy / Math.sqrt(xx * yy);
}

function chartOf(found: Found<'offsets'>): Chart {
  return {
    kind: 'bars',
    x: { en: 'objects: 0 small, 1 medium, 2 large', zh: '物体：0 小，1 中，2 大' },
    y: { en: 'effective dilation (1: the regular grid)', zh: '有效空洞率（1：规则网格）' },
    series: [{ name: NAMES.offsets, points: found.line('offsets', BINS, average) }],
  };
}

/** Of mean spreads in the three bins and correlations, seed by seed. */
export function dilationParts(spread: (bin: number) => readonly number[], correlations: readonly number[]): Part[] {
  const least = correlations.map(() => LEAST_CORRELATION);
  return [
    {
      name: { en: 'wider on medium objects than on small ones', zh: '中等物体上比小物体上更宽' },
      verdict: atLeastOver(spread(1), spread(0)),
    },
    {
      name: { en: 'wider on large objects than on medium ones', zh: '大物体上比中等物体上更宽' },
      verdict: atLeastOver(spread(2), spread(1)),
    },
    {
      name: { en: `a correlation of ${LEAST_CORRELATION} with size`, zh: `与尺寸相关 ${LEAST_CORRELATION}` },
      verdict: atLeastOver(correlations, least),
    },
  ];
}

function resultOf(found: Found<'offsets'>, steps: number): ClaimResult {
  const parts = dilationParts((bin) => found.of('offsets', bin), found.of('offsets', CORRELATION));
  const not = exceptions(parts);
  const means = BINS.map((bin) => average(found.of('offsets', bin)).toFixed(2)).join(' / ');
  const related = average(found.of('offsets', CORRELATION));
  return {
    id: 'dilation',
    verdict: wholeVerdict(parts),
    summary: {
      en: `Effective dilation on small / medium / large objects, over the regular grid: ${means}; correlation with size ${related.toFixed(2)}.${not.en}`,
      zh: `小 / 中 / 大物体上相对规则网格的有效空洞率：${means}；与尺寸的相关系数 ${related.toFixed(2)}。${not.zh}`,
    },
    setup: {
      en: `${BASE_WORDS.en}, but objects of a fifth to 0.85 of the picture; the last layer deformable (v1), offsets at the full rate; ${steps} steps, ${SEEDS.length} seeds; ${SCENES} held-out scenes of one object.`,
      zh: `${BASE_WORDS.zh}，但物体占图像的五分之一至 0.85；最后一层可变形（v1），偏移用全学习率；${steps} 步，${SEEDS.length} 个种子；${SCENES} 个单物体留出场景。`,
    },
    chart: chartOf(found),
    figures: {
      ...{ small: average(found.of('offsets', 0)), medium: average(found.of('offsets', 1)) },
      ...{ large: average(found.of('offsets', 2)), correlation: related, steps, seeds: SEEDS.length },
    },
  };
}
