/** Two detectors side by side: the same seed and the same scenes in the same order, so that only what is compared differs. */
import * as v from 'valibot';
import { trainedExperiment } from '../../train/claim';
import type { Config, Text } from '../../train/control';
import type { Experiment, ExperimentFactory, MeasureContext } from '../../train/experiment';
import { settle } from '../../train/lab';
import type { MeasureProgress, MeasureResult } from '../../train/protocol';
import type { Chart } from '../../ui/chart';
import type { DetectionData } from './data/data';
import { finalBoxes } from './detections';
import { meta } from './meta';
import type { FinalBox } from './views/types';
import { regionsOf, scoresOf } from './views/readers';

interface Side {
  readonly name: Text;
  /** What of the run's settings it changes. */
  readonly config: Config;
}

/** What can be compared. */
export const COMPARISONS = {
  deformation: {
    name: { en: 'plain and deformable', zh: '普通与可变形' },
    sides: [
      { name: { en: 'plain', zh: '普通' }, config: { deform: 'none', pspool: 'plain', roipool: 'align' } },
      {
        name: { en: 'deformable', zh: '可变形' },
        config: { deform: 'v1', pspool: 'deformable', roipool: 'deformable' },
      },
    ],
  },
  method: {
    name: { en: 'Faster R-CNN and R-FCN', zh: 'Faster R-CNN 与 R-FCN' },
    sides: [
      { name: { en: 'Faster R-CNN', zh: 'Faster R-CNN' }, config: { method: 'faster' } },
      { name: { en: 'R-FCN', zh: 'R-FCN' }, config: { method: 'rfcn' } },
    ],
  },
} as const satisfies Readonly<Record<string, { readonly name: Text; readonly sides: readonly [Side, Side] }>>;
export type Comparison = keyof typeof COMPARISONS;

const STEPS = { gpu: 600, software: 60 } as const;
/** Held-out scenes that each side is judged on. */
const JUDGED = { gpu: 64, software: 16 } as const;

const whole = v.pipe(v.number(), v.integer(), v.minValue(0));
const Asked = v.object({
  what: v.picklist(Object.keys(COMPARISONS) as [Comparison, ...Comparison[]]),
  /** Held-out scenes whose boxes are kept. */
  scenes: v.pipe(v.array(whole), v.minLength(1), v.maxLength(16)),
  /** Updates of each; fewer or more than the device would get. */
  steps: v.optional(v.pipe(v.number(), v.integer(), v.minValue(4))),
});

interface Found {
  readonly name: Text;
  readonly losses: readonly (readonly [number, number])[];
  readonly figures: Readonly<Record<string, number>>;
}

/**
 * Trains both sides with the run's other settings. Figures: `steps`; for side 0 and 1 `<side>.<figure of the evaluation>`, `<side>.shared` and
 * `<side>.regions` (milliseconds for a picture), and `<side>.box.<scene>.<i>.<x1|y1|x2|y2|label|score>`. The chart shows the losses.
 */
export async function compareSides(
  factory: ExperimentFactory<DetectionData>,
  { runtime, config, data }: MeasureContext<DetectionData>,
  request: unknown,
  onProgress: (progress: MeasureProgress) => void,
  signal: AbortSignal,
): Promise<MeasureResult> {
  const { deviceClass } = runtime.gpu.traits;
  const { what, scenes, steps = STEPS[deviceClass] } = v.parse(Asked, request);
  const { sides } = COMPARISONS[what];
  const found: Found[] = [];
  for (const { name, config: own } of sides) {
    const tell = (done: number) =>
      onProgress({
        done: found.length * steps + done,
        total: sides.length * steps,
        what: { en: `Training: ${name.en}`, zh: `训练：${name.zh}` },
        chart: chartOf(found),
      });
    const settled = settle(meta, { ...config, ...own }).config;
    const experiment = await trainedExperiment(factory, { runtime, config: settled, data, steps }, tell, signal);
    try {
      experiment.setKnobs(settled);
      const prefix = String(found.length);
      found.push({
        name,
        losses: await lossesOf(experiment, steps),
        figures: await figuresOf(experiment, { prefix, scenes, judged: JUDGED[deviceClass], config }),
      });
    } finally {
      experiment.dispose();
    }
  }
  return {
    chart: chartOf(found),
    figures: Object.assign({ steps }, ...found.map((f) => f.figures)) as Record<string, number>,
  };
}

/** Points of a curve of losses at most. */
const MOST_POINTS = 60;

/** Means over equal stretches of the run. */
async function lossesOf(experiment: Experiment, steps: number): Promise<(readonly [number, number])[]> {
  const from = Math.max(0, steps - experiment.historyCapacity);
  const rows = await experiment.readHistory(from, steps);
  const width = experiment.columns.length;
  const stretch = Math.max(1, Math.ceil((steps - from) / MOST_POINTS));
  const count = Math.floor((steps - from) / stretch);
  return Array.from({ length: count }, (_, i) => {
    let sum = 0;
    for (let s = 0; s < stretch; s++) sum += rows[(i * stretch + s) * width] ?? 0;
    return [from + (i + 1) * stretch, sum / stretch] as const;
  });
}

const PARTS = ['x1', 'y1', 'x2', 'y2', 'label', 'score'] as const;

async function figuresOf(
  experiment: Experiment,
  asked: {
    readonly prefix: string;
    readonly scenes: readonly number[];
    readonly judged: number;
    readonly config: Config;
  },
): Promise<Record<string, number>> {
  const { prefix, scenes, judged, config } = asked;
  const { figures, time } = scoresOf(await experiment.view('scores', { scenes: judged }));
  const all: Record<string, number> = { [`${prefix}.shared`]: time.shared, [`${prefix}.regions`]: time.regions };
  for (const [name, value] of Object.entries(figures)) all[`${prefix}.${name}`] = value;
  const limits = { least: 0.05, overlap: Number(config['nms']), most: 24 };
  for (const scene of scenes) {
    const boxes = finalBoxes(regionsOf(await experiment.view('detections', { number: scene })), limits);
    boxes.forEach(({ box, label, score }, i) => {
      [...box, label, score].forEach((value, p) => {
        all[`${prefix}.box.${scene}.${i}.${PARTS[p] ?? ''}`] = value;
      });
    });
  }
  return all;
}

/** The boxes of a side on a scene, back from its figures. */
export function boxesOfSide(figures: Readonly<Record<string, number>>, side: 0 | 1, scene: number): FinalBox[] {
  const boxes: FinalBox[] = [];
  for (let i = 0; ; i++) {
    const [x1, y1, x2, y2, label, score] = PARTS.map((p) => figures[`${side}.box.${scene}.${i}.${p}`]);
    if (x1 === undefined || y1 === undefined || x2 === undefined || y2 === undefined) return boxes;
    boxes.push({ box: [x1, y1, x2, y2], label: label ?? 0, score: score ?? 0, region: i });
  }
}

function chartOf(found: readonly Found[]): Chart {
  return {
    kind: 'lines',
    x: { en: 'step', zh: '步' },
    y: { en: 'loss', zh: '损失' },
    series: found.map(({ name, losses }) => ({ name, points: losses })),
  };
}
