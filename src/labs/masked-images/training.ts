/** One training step's graph up to the loss: batch, patches, masks, encoder, decoder. */
import type { ImageSet } from '../../data/imageSet';
import { argsort } from '../../engine/ops/argsort';
import { imageBatch } from '../../engine/ops/images';
import { maskKeys } from '../../engine/ops/maskKeys';
import { patchify } from '../../engine/ops/patchify';
import { broadcastTo } from '../../engine/ops/pointwise';
import { batchIndices } from '../../engine/ops/random';
import { slice } from '../../engine/ops/slice';
import { constant } from '../../engine/state';
import type { Tensor } from '../../engine/tensor';
import type { ParameterSource } from '../../nn/parameters';
import { channelStatistics, type DeviceSplit } from '../../train/deviceImages';
import {
  decode,
  decodeAll,
  encodeVisible,
  encodeWithMaskTokens,
  maskedLoss,
  maskFromRanks,
  patchCount,
  patchTarget,
} from './mae';
import { TARGET_EPSILON, type MaeSettings } from './settings';

export interface BatchGraph {
  /** [B, L, P], standardised pixels. */
  readonly patches: Tensor;
  /** Keys [B, L] whose K smallest are kept. */
  readonly keys: Tensor;
}

/** Images of an epoch-wise permutation as patches, and the keys that decide what is hidden; all drawn on the device. */
export function batchOf(
  data: ImageSet,
  split: DeviceSplit,
  settings: MaeSettings,
  chance: { readonly seed: Tensor; readonly step: Tensor },
): BatchGraph {
  const { shape, batch } = settings;
  const { mean, deviation } = channelStatistics(data);
  const indices = batchIndices(chance.seed, chance.step, { count: split.count, batch, stream: 'batch' });
  const images = imageBatch(split.pixels.tensor(), indices, {
    channels: shape.channels,
    size: shape.size,
    mean,
    std: deviation,
  });
  return { patches: patchify(images, shape.patch), keys: keysOf(settings, chance) };
}

function keysOf(settings: MaeSettings, { seed, step }: { seed: Tensor; step: Tensor }): Tensor {
  const { shape, batch, maskShape, drawn } = settings;
  const patches = patchCount(shape);
  if (maskShape !== 'drawn' || !drawn) {
    const form = maskShape === 'drawn' ? 'random' : maskShape;
    return maskKeys(seed, step, { rows: batch, grid: shape.size / shape.patch, shape: form, stream: 'mask' });
  }
  // Visible patches first, each side in its own order: argsort then keeps exactly those.
  return broadcastTo(constant(drawn, [1, patches]), [batch, patches]);
}

/** The masked autoencoder's loss on a batch: a scalar. K = `visible`. */
export function trainingLoss(
  p: ParameterSource,
  settings: MaeSettings,
  { patches, keys }: BatchGraph,
  visible: number,
): Tensor {
  const { shape, normalisedTarget } = settings;
  const [batch = 1, count = 1] = keys.shape;
  const { indices, ranks } = argsort(keys);
  const mask = maskFromRanks(ranks, visible);
  const predicted = shape.symmetric
    ? decodeAll(p, shape, encodeWithMaskTokens(p, shape, patches, mask))
    : decode(p, shape, encodeVisible(p, shape, patches, slice(indices, [0, 0], [batch, visible])), ranks);
  const target = patchTarget(patches, normalisedTarget, TARGET_EPSILON);
  return maskedLoss(predicted, target, mask, batch * (count - visible));
}
