import { loadImages } from '../../../train/imageData';
import type { Claim } from '../../../train/claim';
import type { ClaimResult } from '../../../train/protocol';
import { average, differenceVerdict, pairedDifference } from '../../../train/verdict';
import type { Chart } from '../../../ui/chart';
import { BASE, BASE_WORDS, percent, points, trainedProbe } from './shared';

const RATIOS = [0.1, 0.25, 0.5, 0.75, 0.9, 0.95] as const;
const [LOW, HIGH] = [0.25, 0.75];
/** Two would leave the 95% interval 12.7 standard errors wide on either side: nothing would be decided. */
const SEEDS = [1, 2, 3];

/** Accuracies of the probe by mask ratio, one for each seed so far; and of raw pixels. */
type Accuracies = ReadonlyMap<number, readonly number[]>;

export const probeOverRatio: Claim = {
  id: 'probe-over-ratio',
  steps: { gpu: 1500, software: 300 },
  configs: RATIOS.map((mask) => ({ ...BASE, mask })),
  async run(context, onProgress, signal) {
    const { source, steps } = context;
    const data = await loadImages(BASE, source);
    const found = new Map<number, readonly number[]>();
    let pixels = NaN;
    const runs = SEEDS.flatMap((seed) => RATIOS.map((mask) => ({ seed, mask })));
    for (const [index, { seed, mask }] of runs.entries()) {
      const tell = (done: number) =>
        onProgress({
          done: index * steps + done,
          total: runs.length * steps,
          what: {
            en: `Training with ${percent(mask)} hidden, seed ${seed}`,
            zh: `隐藏 ${percent(mask)} 训练中，种子 ${seed}`,
          },
          chart: chartOf(found, pixels),
        });
      const probed = await trainedProbe(context, { ...BASE, mask, seed }, data, tell, signal);
      found.set(mask, [...(found.get(mask) ?? []), probed.probe]);
      pixels = probed.pixels;
      tell(steps);
    }
    return resultOf(found, pixels, steps);
  },
};

function chartOf(found: Accuracies, pixels: number): Chart {
  const known = RATIOS.filter((mask) => found.has(mask));
  return {
    kind: 'lines',
    x: { en: 'hidden, %', zh: '隐藏比例 %' },
    y: { en: 'accuracy, %', zh: '准确率 %' },
    series: [
      {
        name: { en: 'linear probe', zh: '线性探针' },
        points: known.map((mask) => [100 * mask, 100 * average(found.get(mask) ?? [])]),
      },
      ...(Number.isFinite(pixels)
        ? [
            {
              name: { en: 'raw pixels', zh: '原始像素' },
              points: RATIOS.map((mask) => [100 * mask, 100 * pixels] as const),
            },
          ]
        : []),
    ],
  };
}

/** The verdict from accuracies alone: at 75% at least what it is at 25%. */
function resultOf(found: Accuracies, pixels: number, steps: number): ClaimResult {
  const [low, high] = [found.get(LOW) ?? [], found.get(HIGH) ?? []];
  const difference = pairedDifference(high, low);
  const means = RATIOS.map((mask) => [mask, average(found.get(mask) ?? [])] as const);
  const [best, bestAccuracy] = means.reduce((a, b) => (b[1] > a[1] ? b : a));
  const gap = points(difference.mean, difference.noise);
  return {
    id: 'probe-over-ratio',
    verdict: differenceVerdict(difference, 0),
    summary: {
      en: `The probe reaches ${percent(average(high))} at 75% and ${percent(average(low))} at 25%: ${gap.en}. The best ratio is ${percent(best)} with ${percent(bestAccuracy)}; raw pixels give ${percent(pixels)}.`,
      zh: `探针在 75% 时为 ${percent(average(high))}，25% 时为 ${percent(average(low))}：${gap.zh}。最好的比例是 ${percent(best)}，达 ${percent(bestAccuracy)}；原始像素为 ${percent(pixels)}。`,
    },
    setup: {
      en: `${BASE_WORDS.en}; ${steps} steps for each ratio, ${SEEDS.length} seeds.`,
      zh: `${BASE_WORDS.zh}；每个比例 ${steps} 步，${SEEDS.length} 个种子。`,
    },
    chart: chartOf(found, pixels),
    figures: {
      difference: difference.mean,
      noise: difference.noise,
      bestRatio: best,
      pixelProbe: pixels,
      ...Object.fromEntries(means.map(([mask, accuracy]) => [`probe${100 * mask}`, accuracy])),
      steps,
      seeds: SEEDS.length,
    },
  };
}
