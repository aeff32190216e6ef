import { loadImages } from '../../../train/imageData';
import { trainedExperiment, type Claim } from '../../../train/claim';
import type { ClaimResult } from '../../../train/protocol';
import { average, differenceVerdict, pairedDifference } from '../../../train/verdict';
import type { Chart } from '../../../ui/chart';
import { experiment } from '../experiment';
import { fineTune, type Curve, type FineTuneResult, type Side } from '../fineTuning';
import { settingsOf } from '../settings';
import { BASE, BASE_WORDS, percent, points } from './shared';

const LABELS = 10;
const MARGIN = 0.05;
const SEEDS = [1, 2, 3];
/** Updates of fine-tuning for each update of pre-training: both sides of a comparison get the same. */
const TUNING_SHARE = 0.3;

export const fewLabels: Claim = {
  id: 'few-labels',
  steps: { gpu: 2000, software: 400 },
  configs: SEEDS.map((seed) => ({ ...BASE, seed })),
  async run({ runtime, source, steps }, onProgress, signal) {
    const data = await loadImages(BASE, source);
    const tuning = Math.max(4, Math.round(TUNING_SHARE * steps));
    const perSeed = steps + 2 * tuning;
    const finished: FineTuneResult[] = [];
    for (const [index, seed] of SEEDS.entries()) {
      const config = { ...BASE, seed };
      const tell = (done: number, what: 'pretraining' | 'tuning', current?: FineTuneResult) =>
        onProgress({
          done: index * perSeed + done,
          total: SEEDS.length * perSeed,
          what:
            what === 'pretraining'
              ? { en: `Pre-training, seed ${seed}`, zh: `预训练，种子 ${seed}` }
              : { en: `Fine-tuning, seed ${seed}`, zh: `微调，种子 ${seed}` },
          chart: chartOf(current ? [...finished, current] : finished),
        });
      const pretraining = { runtime, config, data, steps };
      const made = await trainedExperiment(experiment, pretraining, (done) => tell(done, 'pretraining'), signal);
      const { parameters } = await made.snapshot().finally(() => made.dispose());
      const { shape } = settingsOf(config, data);
      const request = { runtime, data, shape, parameters, labelsPerClass: LABELS, steps: tuning, seed };
      const result = await fineTune(request, ({ done, curves }) => tell(steps + done, 'tuning', curves), signal);
      finished.push(result);
      tell(perSeed, 'tuning');
    }
    return resultOf(finished, steps, tuning);
  },
};

/** Mean over the seeds that have reached a step. */
function meanCurve(curves: readonly Curve[]): (readonly [number, number])[] {
  const steps = curves[0]?.map(([step]) => step) ?? [];
  return steps.map((step, i) => [step, 100 * average(curves.flatMap((c) => (c[i] ? [c[i][1]] : [])))]);
}

function chartOf(results: readonly FineTuneResult[]): Chart {
  const curve = (side: Side) => meanCurve(results.map((r) => r[side]));
  return {
    kind: 'lines',
    x: { en: 'fine-tuning steps', zh: '微调步数' },
    y: { en: 'accuracy, %', zh: '准确率 %' },
    series: [
      { name: { en: 'pre-trained', zh: '预训练' }, points: curve('pretrained') },
      { name: { en: 'from scratch', zh: '从零训练' }, points: curve('scratch') },
    ],
  };
}

function resultOf(results: readonly FineTuneResult[], steps: number, tuning: number): ClaimResult {
  const last = (side: Side) => results.map((r) => r[side].at(-1)?.[1] ?? NaN);
  const [pretrained, scratch] = [last('pretrained'), last('scratch')];
  const difference = pairedDifference(pretrained, scratch);
  const gap = points(difference.mean, difference.noise);
  return {
    id: 'few-labels',
    verdict: differenceVerdict(difference, MARGIN),
    summary: {
      en: `With ${LABELS} labels a class: ${percent(average(pretrained))} pre-trained, ${percent(average(scratch))} from scratch, ${gap.en}.`,
      zh: `每类 ${LABELS} 个标签：预训练后 ${percent(average(pretrained))}，从零训练 ${percent(average(scratch))}，${gap.zh}。`,
    },
    setup: {
      en: `${BASE_WORDS.en}; ${steps} steps of pre-training, then ${tuning} steps on either side with the same labelled images, shifts and mirrorings; ${SEEDS.length} seeds.`,
      zh: `${BASE_WORDS.zh}；预训练 ${steps} 步，然后两边各训练 ${tuning} 步，标注图像、平移与镜像相同；${SEEDS.length} 个种子。`,
    },
    chart: chartOf(results),
    figures: {
      pretrained: average(pretrained),
      scratch: average(scratch),
      difference: difference.mean,
      noise: difference.noise,
      steps,
      tuningSteps: tuning,
      seeds: SEEDS.length,
    },
  };
}
