/** The two heads: a network for each region (Faster R-CNN), or votes of position-sensitive maps (R-FCN). */
import { deformPsRoiPool } from '../../engine/ops/deformPsRoiPool';
import { relu } from '../../engine/ops/pointwise';
import { psRoiPool } from '../../engine/ops/psRoiPool';
import { mean } from '../../engine/ops/reduce';
import { reshape } from '../../engine/ops/reshape';
import { roiAlign } from '../../engine/ops/roiAlign';
import { roiPool } from '../../engine/ops/roiPool';
import type { Tensor } from '../../engine/tensor';
import { convolution } from '../../nn/convolution';
import { normal, zeros } from '../../nn/initialisers';
import { linear } from '../../nn/layers';
import type { ParameterSource } from '../../nn/parameters';
import { STRIDE } from './backbone';

/** What a head says of R regions; class 0 is the background. */
export interface RegionScores {
  /** [R, classes + 1]. */
  readonly logits: Tensor;
  /** Shifts over the head's deviations, the same for all classes: [R, 4]. */
  readonly shifts: Tensor;
}

const SCALE = 1 / STRIDE;

export interface FasterOptions {
  readonly classes: number;
  /** Bins of a region along an edge. */
  readonly bins: number;
  readonly pooling: 'pool' | 'align';
  /** Width of the two layers for each region. */
  readonly hidden: number;
}

/** features [B, C, H, W], regions [R, 5] → pooled → two layers → scores. */
export function fasterHead(p: ParameterSource, features: Tensor, rois: Tensor, options: FasterOptions): RegionScores {
  const { classes, bins, pooling, hidden } = options;
  const attrs = { bins, scale: SCALE };
  const pooled = pooling === 'pool' ? roiPool(features, rois, attrs) : roiAlign(features, rois, attrs);
  const flat = reshape(pooled, [rois.shape[0] ?? 0, -1]);
  const inner = relu(linear(p, 'head.fc2', relu(linear(p, 'head.fc1', flat, hidden)), hidden));
  return {
    logits: linear(p, 'head.classes', inner, classes + 1, normal(0.01)),
    shifts: linear(p, 'head.shifts', inner, 4, normal(0.001)),
  };
}

export interface RfcnOptions {
  readonly classes: number;
  /** k: bins of a region along an edge, and maps for each class. */
  readonly bins: number;
  /** Offsets of the bins, learned from a third set of maps; the pooling then samples between pixels. */
  readonly deformable: boolean;
  /** Factor of the learning rate for these. */
  readonly offsetRate?: number;
}

/** What can be looked at of an R-FCN head. */
export interface RfcnMaps extends RegionScores {
  /** Score maps [B, (classes + 1) · k², H, W], and what each bin says before the vote, [R, classes + 1, k, k]. */
  readonly maps: Tensor;
  readonly bins: Tensor;
  /** Normalised offsets of the bins, [R, 2, k, k]: x, then y. */
  readonly offsets: Tensor | undefined;
}

/** features [B, C, H, W], regions [R, 5] → score and box maps → pooled by position → the mean over the bins. Nothing is learned behind the pooling. */
export function rfcnHead(p: ParameterSource, features: Tensor, rois: Tensor, options: RfcnOptions): RfcnMaps {
  const { classes, bins } = options;
  const init = normal(0.01);
  const mapsOf = (name: string, count: number) =>
    convolution(p, name, features, count * bins ** 2, { kernel: 1, init });
  const maps = mapsOf('head.classes', classes + 1);
  const boxMaps = mapsOf('head.shifts', 4);
  const offsets = options.deformable ? binOffsets(p, features, rois, options) : undefined;
  const pooled = (of: Tensor) =>
    offsets
      ? deformPsRoiPool(of, rois, { bins, scale: SCALE, trans: offsets })
      : psRoiPool(of, rois, { bins, scale: SCALE });
  const votes = pooled(maps);
  return { logits: mean(votes, [2, 3]), shifts: mean(pooled(boxMaps), [2, 3]), maps, bins: votes, offsets };
}

/** Offsets shared by all classes from maps of their own, pooled without offsets; they begin at zero. */
function binOffsets(
  p: ParameterSource,
  features: Tensor,
  rois: Tensor,
  { bins, offsetRate = 0.1 }: RfcnOptions,
): Tensor {
  const scaled: ParameterSource = {
    create: (name, shape, init, own) => p.create(name, shape, init, { ...own, lrScale: offsetRate, decay: false }),
  };
  const maps = convolution(scaled, 'head.offsets', features, 2 * bins ** 2, { kernel: 1, init: zeros });
  return psRoiPool(maps, rois, { bins, scale: SCALE });
}
