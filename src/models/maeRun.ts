/** Runs an exported masked autoencoder on images with any masks, hand-drawn ones too. */
import type { MaeConfig } from './maeOnnx';
import { ModelRunError, type ModelArrays, type RunningModel } from './session';

/** Which patches the encoder sees, and where each patch lies in [visible; removed]. */
export interface MaskIds {
  /** [B, K] */
  readonly idsKeep: BigInt64Array;
  /** [B, L] */
  readonly idsRestore: BigInt64Array;
  readonly visible: number;
}

/**
 * ids_keep and ids_restore of masks [B, L] (1 = removed), visible patches in their order in the image. Throws ModelRunError when the
 * images keep different numbers of patches, or none.
 */
export function maskIds(mask: ArrayLike<number>, patches: number): MaskIds {
  const batch = mask.length / patches;
  const idsRestore = new BigInt64Array(mask.length);
  const kept: number[][] = [];
  for (let b = 0; b < batch; b++) {
    const places = Array.from({ length: patches }, (_, i) => i);
    const removed = (i: number) => (mask[b * patches + i] ?? 0) > 0.5;
    const keep = places.filter((i) => !removed(i));
    kept.push(keep);
    [...keep, ...places.filter(removed)].forEach((patch, place) => {
      idsRestore[b * patches + patch] = BigInt(place);
    });
  }
  const visible = kept[0]?.length ?? 0;
  if (visible === 0 || kept.some((keep) => keep.length !== visible)) {
    throw new ModelRunError(
      `masks keep ${kept.map((keep) => keep.length).join(', ')} patches; images of one run keep the same number, at least 1`,
    );
  }
  return { idsKeep: BigInt64Array.from(kept.flat(), BigInt), idsRestore, visible };
}

/** The model's inputs for patches [B, L, P] and masks [B, L] (1 = removed), as `maskIds` wants them. */
export function maeInputs(config: MaeConfig, patches: Float32Array, mask: ArrayLike<number>): ModelArrays {
  const count = (config.size / config.patch) ** 2;
  const length = config.patch ** 2 * config.channels;
  const batch = mask.length / count;
  if (!Number.isInteger(batch) || patches.length !== batch * count * length) {
    throw new ModelRunError(
      `${patches.length} pixels and masks of ${mask.length} patches do not fit; the model takes ${count} patches of ${length} numbers an image`,
    );
  }
  const pixels = { shape: [batch, count, length], data: patches };
  if (config.symmetric) {
    return { patches: pixels, mask: { shape: [batch, count], data: Float32Array.from(mask) } };
  }
  const { idsKeep, idsRestore, visible } = maskIds(mask, count);
  return {
    patches: pixels,
    ids_keep: { shape: [batch, visible], data: idsKeep },
    ids_restore: { shape: [batch, count], data: idsRestore },
  };
}

/**
 * ŷ [B, L, P], in the units of the training target, of patches [B, L, P] under masks [B, L] (1 = removed). Images may keep different
 * numbers of patches, each at least one. Throws ModelRunError.
 */
export async function predictMae(
  model: RunningModel,
  config: MaeConfig,
  patches: Float32Array,
  mask: ArrayLike<number>,
): Promise<Float32Array> {
  const count = (config.size / config.patch) ** 2;
  const stride = count * config.patch ** 2 * config.channels;
  const pred = new Float32Array(patches.length);
  // One image a run: hand-drawn masks keep different numbers of patches.
  for (let b = 0; b * count < mask.length; b++) {
    const one = Float32Array.from({ length: count }, (_, i) => mask[b * count + i] ?? 0);
    const inputs = maeInputs(config, patches.slice(b * stride, (b + 1) * stride), one);
    const { pred: output } = await model.run(inputs);
    if (!(output?.data instanceof Float32Array)) {
      throw new ModelRunError('the model has no output "pred"; open a masked autoencoder exported by Glimpse');
    }
    pred.set(output.data, b * stride);
  }
  return pred;
}
