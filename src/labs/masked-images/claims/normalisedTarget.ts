import { loadImages } from '../../../train/imageData';
import type { Claim } from '../../../train/claim';
import type { ClaimResult } from '../../../train/protocol';
import { average, differenceVerdict, pairedDifference } from '../../../train/verdict';
import type { Chart } from '../../../ui/chart';
import { BASE, BASE_WORDS, percent, points, trainedProbe } from './shared';

const SEEDS = [1, 2, 3];

/** Accuracies of the probe, one for each seed so far. */
interface Accuracies {
  readonly normalised: number[];
  readonly plain: number[];
}

export const normalisedTarget: Claim = {
  id: 'normalised-target',
  steps: { gpu: 2000, software: 400 },
  configs: [
    { ...BASE, norm: true },
    { ...BASE, norm: false },
  ],
  async run(context, onProgress, signal) {
    const { source, steps } = context;
    const data = await loadImages(BASE, source);
    const found: Accuracies = { normalised: [], plain: [] };
    const runs = SEEDS.flatMap((seed) => (['normalised', 'plain'] as const).map((target) => ({ seed, target })));
    let pixels = NaN;
    for (const [index, { seed, target }] of runs.entries()) {
      const tell = (done: number) =>
        onProgress({
          done: index * steps + done,
          total: runs.length * steps,
          what:
            target === 'normalised'
              ? { en: `Training towards normalised pixels, seed ${seed}`, zh: `以归一化像素为目标训练，种子 ${seed}` }
              : { en: `Training towards plain pixels, seed ${seed}`, zh: `以原始像素为目标训练，种子 ${seed}` },
          chart: chartOf(found),
        });
      const config = { ...BASE, seed, norm: target === 'normalised' };
      const probed = await trainedProbe(context, config, data, tell, signal);
      found[target].push(probed.probe);
      pixels = probed.pixels;
      tell(steps);
    }
    return resultOf(found, pixels, steps);
  },
};

function chartOf({ normalised, plain }: Accuracies): Chart {
  const bars = (values: readonly number[]) => values.map((v, i) => [SEEDS[i] ?? 0, 100 * v] as const);
  return {
    kind: 'bars',
    x: { en: 'seed', zh: '种子' },
    y: { en: 'probe, %', zh: '探针 %' },
    series: [
      { name: { en: 'normalised pixels', zh: '归一化像素' }, points: bars(normalised) },
      { name: { en: 'plain pixels', zh: '原始像素' }, points: bars(plain) },
    ],
  };
}

function resultOf(found: Accuracies, pixels: number, steps: number): ClaimResult {
  const difference = pairedDifference(found.normalised, found.plain);
  const gap = points(difference.mean, difference.noise);
  const [normalised, plain] = [average(found.normalised), average(found.plain)];
  return {
    id: 'normalised-target',
    verdict: differenceVerdict(difference, 0),
    summary: {
      en: `The probe reaches ${percent(normalised)} with normalised pixels as the target and ${percent(plain)} with plain ones: ${gap.en}. Raw pixels themselves give ${percent(pixels)}.`,
      zh: `以归一化像素为目标，探针达 ${percent(normalised)}；以原始像素为目标，${percent(plain)}：${gap.zh}。直接用原始像素为 ${percent(pixels)}。`,
    },
    setup: {
      en: `${BASE_WORDS.en}, 75% hidden; ${steps} steps for each, ${SEEDS.length} seeds.`,
      zh: `${BASE_WORDS.zh}，隐藏 75%；各训练 ${steps} 步，${SEEDS.length} 个种子。`,
    },
    chart: chartOf(found),
    figures: {
      normalised,
      plain,
      difference: difference.mean,
      noise: difference.noise,
      pixelProbe: pixels,
      steps,
      seeds: SEEDS.length,
    },
  };
}
