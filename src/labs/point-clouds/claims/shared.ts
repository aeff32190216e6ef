/** What the lab's claims have in common. */
import type { Config, Text } from '../../../train/control';
import { labDefaults } from '../../../train/lab';
import type { Verdict } from '../../../train/protocol';
import { average, differenceVerdict, pairedDifference } from '../../../train/verdict';
import type { Found } from '../../../train/claimProgress';
import { accuracies } from '../metrics';
import type { PointData } from '../data/data';
import { meta } from '../meta';
import { judged, type TrainedNetwork } from './trainedNetwork';
import type { PointDistortion } from '../../../engine/ops/augmentPoints';

/** Solids and small networks, so that a claim takes minutes where there is no GPU. */
export const BASE: Config = { ...labDefaults(meta), data: 'solids', points: 128, width: 8, bottleneck: 64, every: 0 };

/** What BASE is, in words. */
export const BASE_WORDS: Text = {
  en: 'solids, 128 points, width 8, global feature 64, batch 16',
  zh: '几何体，128 点，宽度 8，全局特征 64，批量 16',
};

/** Seeds of training; noise is half the 95% interval over them (Student's t). */
export const SEEDS = [1, 2, 3, 4, 5] as const;

/** Words for a training of a claim. */
export function trainingOf({ en, zh }: Text, seed: number): Text {
  return { en: `Training ${en}, seed ${seed}`, zh: `训练 ${zh}，种子 ${seed}` };
}

/** Share of the held-out shapes (or points, for parts) that are named rightly. */
export async function accuracyOf(
  network: TrainedNetwork,
  data: PointData,
  distortion: Partial<PointDistortion> = {},
  points?: number,
): Promise<number> {
  return accuracies((await judged(network, data, distortion, points)).confusion).overall;
}

/** Whether a is at least `margin` over b, shares of 0…1 measured seed by seed. */
export function atLeastOver(a: readonly number[], b: readonly number[], margin = 0): Verdict {
  return differenceVerdict(pairedDifference(a, b), margin);
}

/** Points of a line in per cent: means of the seeds. */
export function percentLine<Name extends string>(found: Found<Name>, name: Name, xs: readonly number[]) {
  return found.line(name, xs, (values) => 100 * average(values));
}

/** A share as a percentage with one decimal; the mean of several. */
export function percent(share: number | readonly number[]): string {
  return `${(100 * (typeof share === 'number' ? share : average(share))).toFixed(1)}%`;
}
