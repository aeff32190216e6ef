/** What the lab's claims have in common. */
import type { ClaimContext } from '../../../train/claim';
import type { Config, Text } from '../../../train/control';
import { labDefaults } from '../../../train/lab';
import { loadDiffusionData, type PlaneData } from '../data/data';
import { meta } from '../meta';

/** The toy that the claims are decided on: eight Gaussians on a ring, whose exact denoiser is known. */
export const TOY: Config = { ...labDefaults(meta), data: 'gaussians', every: 0 };

export const TOY_WORDS: Text = { en: 'eight Gaussians on a ring', zh: '环上的八个高斯' };

/** Seeds of noise or of training; noise is half the 95% interval over them (Student's t). */
export const SEEDS = [1, 2, 3] as const;

export async function toyData({ source }: Pick<ClaimContext, 'source'>): Promise<PlaneData> {
  const data = await loadDiffusionData(TOY, source);
  if (data.kind !== 'plane') throw new Error(`data "${data.id}": the claims are decided on points in the plane`);
  return data;
}

/** How many runs of a few steps last as long as a reference. */
export const REFERENCE_LENGTH = 80;
