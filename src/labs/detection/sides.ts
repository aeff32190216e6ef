/** Two detectors side by side: the same seed and the same scenes in the same order, so that only what is compared differs. */
import * as v from 'valibot';
import { experimentOf, throwUnlessFinite } from '../../train/claim';
import type { Config, Text } from '../../train/control';
import type { Experiment, ExperimentFactory, MeasureContext } from '../../train/experiment';
import { feedFrom } from '../../train/hostFeed';
import { settle } from '../../train/lab';
import type { MeasureProgress, MeasureResult } from '../../train/protocol';
import type { Runtime } from '../../engine/runtime';
import { runSteps } from '../../train/runSteps';
import { average } from '../../train/verdict';
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

/** Both are trained in so many turns; after each it can be seen what they make of the scenes. */
const TURNS = { gpu: 12, software: 6 } as const;
/** Points of a curve of losses at most. */
const MOST_POINTS = 60;

/**
 * Trains both sides in turns with the run's other settings. Figures: `steps`; for side 0 and 1 `<side>.<figure of the evaluation>`,
 * `<side>.shared` and `<side>.regions` (milliseconds for a picture), and `<side>.box.<scene>.<i>.<x1|y1|x2|y2|label|score>`, the boxes
 * after each turn already. The chart shows the losses.
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
  const pair: SideTraining[] = [];
  let figures: Record<string, number> = { steps: 0 };
  const tell = (words: Text) =>
    onProgress({
      done: pair.reduce((sum, side) => sum + side.done, 0),
      total: sides.length * steps,
      what: words,
      ...{ chart: chartOf(pair), figures },
    });
  try {
    for (const { name, config: own } of sides) {
      const settled = settle(meta, { ...config, ...own }).config;
      const experiment = await experimentOf(factory, { runtime, config: settled, data, steps });
      pair.push(new SideTraining(name, experiment, settled));
    }
    for (const end of ends(steps, TURNS[deviceClass])) {
      for (const side of pair) {
        const words = { en: `Training: ${side.name.en}`, zh: `训练：${side.name.zh}` };
        await side.trainTo(runtime, end, () => tell(words), signal);
      }
      figures = { steps: end };
      for (const [i, side] of pair.entries())
        Object.assign(figures, await boxFigures(side.experiment, String(i), scenes, Number(config['nms'])));
    }
    for (const [i, side] of pair.entries())
      Object.assign(figures, await scoreFigures(side.experiment, String(i), JUDGED[deviceClass]));
    return { chart: chartOf(pair), figures };
  } finally {
    for (const side of pair) side.experiment.dispose();
  }
}

/** One of the two: trained a stretch at a time, so that both see the same scenes at about the same time. */
class SideTraining {
  done = 0;
  readonly losses: number[] = [];

  constructor(
    readonly name: Text,
    readonly experiment: Experiment,
    private readonly config: Config,
  ) {}

  /** Throws with the settings where a loss is no finite number. */
  async trainTo(runtime: Runtime, end: number, onStep: () => void, signal: AbortSignal): Promise<void> {
    const { plan, feed, columns } = this.experiment;
    const from = this.done;
    const own = feed && feedFrom(feed, from);
    const step = (n: number) => {
      this.done = from + n;
      onStep();
    };
    await runSteps(runtime, plan, end - from, signal, step, own);
    const rows = await this.experiment.readHistory(from, end);
    for (let i = 0; i < end - from; i++) this.losses.push(rows[i * columns.length] ?? NaN);
    throwUnlessFinite(this.losses.at(-1) ?? NaN, end, this.config);
  }
}

/** Where turns end, the last at `steps`. */
export function ends(steps: number, turns: number): number[] {
  return Array.from({ length: Math.min(turns, steps) }, (_, i) =>
    Math.round(((i + 1) * steps) / Math.min(turns, steps)),
  );
}

const PARTS = ['x1', 'y1', 'x2', 'y2', 'label', 'score'] as const;

/** How good a side is, and its time for a picture. */
async function scoreFigures(experiment: Experiment, prefix: string, scenes: number): Promise<Record<string, number>> {
  const { figures, time } = scoresOf(await experiment.view('scores', { scenes }));
  const all: Record<string, number> = { [`${prefix}.shared`]: time.shared, [`${prefix}.regions`]: time.regions };
  for (const [name, value] of Object.entries(figures)) all[`${prefix}.${name}`] = value;
  return all;
}

/** What a side finds in some scenes. */
async function boxFigures(
  experiment: Experiment,
  prefix: string,
  scenes: readonly number[],
  overlap: number,
): Promise<Record<string, number>> {
  const all: Record<string, number> = {};
  for (const scene of scenes) {
    const regions = regionsOf(await experiment.view('detections', { number: scene }));
    finalBoxes(regions, { least: 0.05, overlap, most: 24 }).forEach(({ box, label, score }, i) => {
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

function chartOf(pair: readonly SideTraining[]): Chart {
  return {
    kind: 'lines',
    x: { en: 'step', zh: '步' },
    y: { en: 'loss', zh: '损失' },
    series: pair.map(({ name, losses }) => ({ name, points: thinned(losses) })),
  };
}

/** Means over equal stretches of the run, by the step that each ends at. */
export function thinned(losses: readonly number[]): (readonly [number, number])[] {
  const stretch = Math.max(1, Math.ceil(losses.length / MOST_POINTS));
  return Array.from({ length: Math.floor(losses.length / stretch) }, (_, i) => {
    const own = losses.slice(i * stretch, (i + 1) * stretch);
    return [(i + 1) * stretch, average(own)] as const;
  });
}
