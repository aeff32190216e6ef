import type { ImageSet } from '../../data/imageSet';
import type { Precision } from '../../gpu/device';
import type { Config } from '../../train/control';
import { patchCount, visibleCount, type MaeShape } from './mae';
import { drawnHidden } from './masks';

export type MaskShape = 'random' | 'block' | 'grid' | 'drawn';

/** The lab's controls as the model wants them. */
export interface MaeSettings {
  readonly shape: MaeShape;
  readonly maskRatio: number;
  readonly maskShape: MaskShape;
  /** For a drawn mask: 1 = hidden, per patch. */
  readonly drawn: Float32Array | undefined;
  readonly normalisedTarget: boolean;
  readonly batch: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly warmup: number;
  readonly steps: number;
  readonly clip: number;
  readonly averageDecay: number;
  readonly seed: number;
  readonly precision: Precision;
}

/**
 * ε of the normalised target, in units of standardised pixels. The paper's 1e-6 turns the noise of flat patches (the background of a
 * digit) up a thousandfold.
 */
export const TARGET_EPSILON = 1e-2;

function number(config: Config, id: string): number {
  const value = config[id];
  if (typeof value !== 'number') throw new Error(`setting "${id}": is ${String(value)}; give a number`);
  return value;
}

/** Throws with the setting and the fix where the controls do not fit each other. */
export function settingsOf(config: Config, data: ImageSet): MaeSettings {
  const shape: MaeShape = {
    channels: data.channels,
    size: data.size,
    patch: number(config, 'patch'),
    width: number(config, 'width'),
    depth: number(config, 'depth'),
    heads: number(config, 'heads'),
    decoderWidth: number(config, 'dwidth'),
    decoderDepth: number(config, 'ddepth'),
    decoderHeads: number(config, 'dheads'),
    classToken: config['cls'] === true,
    symmetric: config['symmetric'] === true,
  };
  checkShape(shape);
  const maskShape = config['shape'] as MaskShape;
  const drawn = maskShape === 'drawn' ? drawnHidden(String(config['drawn'] ?? ''), patchCount(shape)) : undefined;
  return {
    shape,
    maskShape,
    drawn,
    maskRatio: number(config, 'mask'),
    normalisedTarget: config['norm'] === true,
    batch: Math.min(number(config, 'batch'), data.train.count),
    learningRate: number(config, 'lr'),
    weightDecay: number(config, 'decay'),
    warmup: number(config, 'warmup'),
    steps: number(config, 'steps'),
    clip: number(config, 'clip'),
    averageDecay: number(config, 'ema'),
    seed: number(config, 'seed'),
    precision: config['precision'] === 'f16' ? 'f16' : 'f32',
  };
}

function checkShape({ size, patch, width, heads, decoderWidth, decoderHeads }: MaeShape): void {
  if (size % patch !== 0)
    throw new Error(`patch size ${patch} does not divide the image's ${size} pixels; choose one that does`);
  for (const [name, w, h] of [
    ['encoder', width, heads],
    ['decoder', decoderWidth, decoderHeads],
  ] as const) {
    if (w % 4 !== 0 || w % h !== 0) throw new Error(`${name} width ${w} must divide by 4 and by its ${h} heads`);
  }
}

/** Patches that stay visible in training. */
export function visibleOf({ shape, maskRatio, drawn }: MaeSettings): number {
  const patches = patchCount(shape);
  if (!drawn) return visibleCount(patches, maskRatio);
  return Math.max(1, patches - drawn.reduce((n, v) => n + v, 0));
}
