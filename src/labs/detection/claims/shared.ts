/** What the lab's claims have in common. */
import { experimentOf, trainedExperiment } from '../../../train/claim';
import { Found, type Parts } from '../../../train/claimProgress';
import type { Config, Text } from '../../../train/control';
import { labDefaults } from '../../../train/lab';
import type { DataSource } from '../../../train/dataSource';
import type { Experiment } from '../../../train/experiment';
import type { Verdict } from '../../../train/protocol';
import type { Runtime } from '../../../engine/runtime';
import { average, differenceVerdict, pairedDifference } from '../../../train/verdict';
import { loadDetectionData, type DetectionData } from '../data/data';
import { Detector, experiment } from '../experiment';
import { meta } from '../meta';
import { startingModel } from '../shipped';

/**
 * Small pictures, few large objects, a narrow network: a claim takes minutes where there is no GPU. As in the papers a run begins with a
 * pre-trained backbone, for all sides the same: from nothing a run this short knows neither where nor what an object is.
 */
export const BASE: Config = {
  ...labDefaults(meta),
  ...{ data: 'emoji', classes: 'one', size: 64, objects: 2, smallest: 0.4, largest: 0.7 },
  ...{ width: 8, blocks: 1, k: 3, hidden: 32, batch: 4, proposals: 24, regionbatch: 16, testproposals: 30 },
  ...{ lr: 0.003, ema: 0.99, every: 0, start: 'backbone' },
};

/** What BASE is, in words. */
export const BASE_WORDS: Text = {
  en: 'Emoji as one class, pictures of 64 pixels, up to two objects; width 8, one last block, batch 4, from the shipped backbone',
  zh: '表情符号作为一类，64 像素图像，至多两个物体；宽度 8，末段一块，批量 4，从自带骨干开始',
};

/** Seeds of training; noise is half the 95% interval over them (Student's t). */
export const SEEDS = [1, 2, 3, 4, 5] as const;
/** Held-out scenes of a measurement. */
export const SCENES = 192;

/** The pictures of BASE, with other classes where a claim says so. */
export const loadBase = (source: DataSource, config: Config = BASE): Promise<DetectionData> =>
  loadDetectionData(config, source);

/** Words for a training of a claim. */
export function trainingOf({ en, zh }: Text, seed: number): Text {
  return { en: `Training ${en}, seed ${seed}`, zh: `训练 ${zh}，种子 ${seed}` };
}

/** Where and on what a claim trains, and how long. */
export interface Training {
  readonly runtime: Runtime;
  readonly source: DataSource;
  readonly data: DetectionData;
  readonly steps: number;
}

/** A detector of its own as it stands before `steps` updates. The caller disposes of it. */
export async function startDetector({ source, ...training }: Training, config: Config): Promise<Detector> {
  const start = await startingModel(config, source.read);
  return asDetector(await experimentOf(experiment, { ...training, config, start }));
}

/** `steps` updates of a detector of its own. The caller disposes of it. */
async function trainDetector(
  { source, ...training }: Training,
  config: Config,
  tell: (share: number) => void,
  signal: AbortSignal,
): Promise<Detector> {
  const start = await startingModel(config, source.read);
  const told = (done: number) => tell(done / training.steps);
  return asDetector(await trainedExperiment(experiment, { ...training, config, start }, told, signal));
}

function asDetector(made: Experiment): Detector {
  if (!(made instanceof Detector)) throw new Error('detection: the experiment is no detector');
  return made;
}

export interface Sides<Side extends string> {
  readonly sides: readonly Side[];
  readonly names: Readonly<Record<Side, Text>>;
  readonly configOf: (side: Side, seed: number) => Config;
  /** Puts what it measures of a trained side into `found`. */
  readonly measure: (side: Side, detector: Detector, found: Found<Side>) => Promise<void>;
}

/** Trains every side with every seed, in turns, and measures it. */
export async function measureSides<Side extends string>(
  { sides, names, configOf, measure }: Sides<Side>,
  found: Found<Side>,
  training: Training,
  parts: Parts,
  signal: AbortSignal,
): Promise<void> {
  for (const seed of SEEDS)
    for (const side of sides) {
      const config = configOf(side, seed);
      const detector = await parts.run(trainingOf(names[side], seed), (tell) =>
        trainDetector(training, config, tell, signal),
      );
      try {
        signal.throwIfAborted();
        await measure(side, detector, found);
      } finally {
        detector.dispose();
      }
    }
}

/** Whether a is at least `margin` over b, shares of 0…1 measured seed by seed. */
export function atLeastOver(a: readonly number[], b: readonly number[], margin = 0): Verdict {
  return differenceVerdict(pairedDifference(a, b), margin);
}

/** A share as a percentage with one decimal; the mean of several. */
export function percent(share: number | readonly number[]): string {
  return `${(100 * (typeof share === 'number' ? share : average(share))).toFixed(1)}%`;
}

/** Bars of each side at numbered measures, in per cent. */
export function percentPoints<Side extends string>(found: Found<Side>, side: Side, xs: readonly number[]) {
  return found.line(side, xs, (values) => 100 * average(values));
}
