import type { Measure, MeasureContext } from '../../train/experiment';
import type { MeasureProgress } from '../../train/protocol';
import type { Chart } from '../../ui/chart';
import { checkLabels, fineTune, type FineTuneResult, type Side } from './fineTuning';
import { settingsOf } from './settings';

/** Labels a class, as the lab offers them, and updates of each side. */
const LABELS = [1, 10, 100];
const STEPS = { gpu: 300, software: 100 };

export interface FineTuningRequest {
  /** Updates of each side; fewer or more than the device would get. */
  readonly steps?: number;
}

function stepsOf(request: unknown, { runtime }: MeasureContext): number {
  const steps = (request as FineTuningRequest | undefined)?.steps ?? STEPS[runtime.gpu.traits.deviceClass];
  if (!Number.isInteger(steps) || steps < 4)
    throw new Error(`fine-tuning: steps = ${steps}; give a whole number of 4 or more`);
  return steps;
}

/**
 * Fine-tuning of the run's encoder as it is now against the same training from scratch, with 1, 10 and 100 labels a class. Figures:
 * pretrained<k> and scratch<k>, accuracies on held-out images, 0…1.
 */
export const fineTuning: Measure = {
  async run(context, request, onProgress, signal) {
    const { runtime, config, data, snapshot } = context;
    checkLabels(data);
    const steps = stepsOf(request, context);
    const { shape, seed } = settingsOf(config, data);
    const parameters = snapshot.average ?? snapshot.parameters;
    const found = new Map<number, FineTuneResult>();
    for (const [index, labelsPerClass] of LABELS.entries()) {
      const asked = { runtime, data, shape, parameters, labelsPerClass, steps, seed };
      const tell = (done: number, total: number): MeasureProgress => ({
        done: index * total + done,
        total: LABELS.length * total,
        what: { en: `Training with labels a class: ${labelsPerClass}`, zh: `每类 ${labelsPerClass} 个标签，训练中` },
        chart: chartOf(found),
      });
      const result = await fineTune(
        asked,
        ({ done, total, curves }) => {
          found.set(labelsPerClass, curves);
          onProgress(tell(done, total));
        },
        signal,
      );
      found.set(labelsPerClass, result);
    }
    return { chart: chartOf(found), figures: { steps, ...figuresOf(found) } };
  },
};

type Found = ReadonlyMap<number, FineTuneResult>;

function lastOf(result: FineTuneResult, side: Side): number | undefined {
  return result[side].at(-1)?.[1];
}

/** Bars in percent: what each side has reached so far. */
function chartOf(found: Found): Chart {
  const bars = (side: Side) =>
    [...found].flatMap(([labels, result]) => {
      const accuracy = lastOf(result, side);
      return accuracy === undefined ? [] : [[labels, 100 * accuracy] as const];
    });
  return {
    kind: 'bars',
    x: { en: 'labels a class', zh: '每类标签数' },
    y: { en: 'accuracy, %', zh: '准确率 %' },
    series: [
      { name: { en: 'pre-trained', zh: '预训练' }, points: bars('pretrained') },
      { name: { en: 'from scratch', zh: '从零训练' }, points: bars('scratch') },
    ],
  };
}

function figuresOf(found: Found): Record<string, number> {
  return Object.fromEntries(
    [...found].flatMap(([labels, result]) =>
      (['pretrained', 'scratch'] as const).map((side) => [`${side}${labels}`, lastOf(result, side) ?? NaN] as const),
    ),
  );
}
