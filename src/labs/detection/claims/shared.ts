/** What the lab's claims have in common. */
import { trainedExperiment } from '../../../train/claim';
import { Found, type Parts } from '../../../train/claimProgress';
import type { Config, Text } from '../../../train/control';
import { labDefaults } from '../../../train/lab';
import type { DataSource } from '../../../train/dataSource';
import type { Verdict } from '../../../train/protocol';
import type { Runtime } from '../../../engine/runtime';
import { average, differenceVerdict, pairedDifference } from '../../../train/verdict';
import { loadDetectionData, type DetectionData } from '../data/data';
import { createDetector, Detector, experiment } from '../experiment';
import { meta } from '../meta';

/** Small pictures, few large objects, a narrow network: a claim takes minutes where there is no GPU. */
export const BASE: Config = {
  ...labDefaults(meta),
  ...{ data: 'emoji', classes: 'one', size: 64, objects: 2, smallest: 0.4, largest: 0.7 },
  ...{ width: 8, blocks: 1, k: 3, hidden: 32, batch: 4, proposals: 24, regionbatch: 16, testproposals: 30 },
  ...{ lr: 0.003, ema: 0.99, every: 0 },
};

/** What BASE is, in words. */
export const BASE_WORDS: Text = {
  en: 'Emoji as one class, pictures of 64 pixels, up to two objects; width 8, one last block, batch 4',
  zh: '表情符号作为一类，64 像素图像，至多两个物体；宽度 8，末段一块，批量 4',
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

/** `steps` updates of a detector of its own. The caller disposes of it. */
export async function trainDetector(
  request: { readonly runtime: Runtime; readonly config: Config; readonly data: DetectionData; readonly steps: number },
  tell: (share: number) => void,
  signal: AbortSignal,
): Promise<Detector> {
  const { steps } = request;
  const factory = { ...experiment, create: createDetector };
  const made = await trainedExperiment(factory, request, (done) => tell(done / steps), signal);
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
  context: { readonly runtime: Runtime; readonly data: DetectionData; readonly steps: number },
  parts: Parts,
  signal: AbortSignal,
): Promise<void> {
  for (const seed of SEEDS)
    for (const side of sides) {
      const config = configOf(side, seed);
      const detector = await parts.run(trainingOf(names[side], seed), (tell) =>
        trainDetector({ ...context, config }, tell, signal),
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
