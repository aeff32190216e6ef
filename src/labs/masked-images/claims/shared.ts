/** What the lab's claims have in common. */
import type { ImageSet } from '../../../data/imageSet';
import { trainedExperiment, type ClaimContext } from '../../../train/claim';
import type { Config, Text } from '../../../train/control';
import { labDefaults } from '../../../train/lab';
import { experiment } from '../experiment';
import { meta } from '../meta';

/** The lab's defaults with half the batch, so that a claim takes minutes where there is no GPU. */
export const BASE: Config = { ...labDefaults(meta), batch: 32, lr: 0.0015 };

/** What BASE is, in words. */
export const BASE_WORDS: Text = {
  en: 'fashion, patches of 4, encoder 64×4, decoder 32×2, batch 32',
  zh: '服饰图像，图块 4，编码器 64×4，解码器 32×2，批量 32',
};

export interface Probed {
  /** Accuracy of the linear probe on the run's features and on raw pixels, 0…1. */
  readonly probe: number;
  readonly pixels: number;
}

/** Trains with a config and asks the linear probe. Throws where data have no labels. */
export async function trainedProbe(
  { runtime, steps }: ClaimContext,
  config: Config,
  data: ImageSet,
  onStep: (done: number) => void,
  signal: AbortSignal,
): Promise<Probed> {
  const made = await trainedExperiment(experiment, { runtime, config, data, steps }, onStep, signal);
  try {
    const { probe, pixelProbe } = await made.evaluate();
    if (probe === undefined || pixelProbe === undefined)
      throw new Error(`data set "${data.id}": its pictures have no labels to probe with; choose another set`);
    signal.throwIfAborted();
    return { probe, pixels: pixelProbe };
  } finally {
    made.dispose();
  }
}

/** A share as a percentage with one decimal. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}

/** A difference of shares in percentage points, with its sign and half its 95% interval. */
export function points(mean: number, noise: number): Text {
  const value = `${mean < 0 ? '−' : '+'}${Math.abs(100 * mean).toFixed(1)}`;
  const around = Number.isFinite(noise) ? ` ± ${(100 * noise).toFixed(1)}` : '';
  const [en, zh] = around === '' ? ['', ''] : [' (95% over the seeds)', '（各种子的 95% 区间）'];
  return { en: `${value}${around} points${en}`, zh: `${value}${around} 个百分点${zh}` };
}
