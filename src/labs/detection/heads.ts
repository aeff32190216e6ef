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

/** What a head says of R regions; class 0 is the background. */
export interface RegionScores {
  /** [R, classes + 1]. */
  readonly logits: Tensor;
  /** Shifts over the head's deviations, the same for all classes: [R, 4]. */
  readonly shifts: Tensor;
}

interface HeadOptions {
  /** Classes without the background. */
  readonly classes: number;
  /** Pixels of the image for a cell of the features. */
  readonly stride: number;
  /** Factor of the learning rate for what moves bins. */
  readonly offsetRate?: number;
}

export interface FasterOptions extends HeadOptions {
  /** Bins of a region along an edge. */
  readonly bins: number;
  readonly pooling: 'pool' | 'align' | 'deformable';
  /** Width of the two layers for each region. */
  readonly hidden: number;
}

/** What can be looked at of the head for each region. */
export interface FasterScores extends RegionScores {
  /** Normalised offsets of the bins, [R, 2, k, k]: x, then y. */
  readonly offsets: Tensor | undefined;
}

/** features [B, C, H, W], regions [R, 5] → pooled → two layers → scores. */
export function fasterHead(p: ParameterSource, features: Tensor, rois: Tensor, options: FasterOptions): FasterScores {
  const { classes, hidden } = options;
  const { pooled, offsets } = pooledRegions(p, features, rois, options);
  const flat = reshape(pooled, [rois.shape[0] ?? 0, -1]);
  const inner = relu(linear(p, 'head.fc2', relu(linear(p, 'head.fc1', flat, hidden)), hidden));
  return {
    logits: linear(p, 'head.classes', inner, classes + 1, normal(0.01)),
    shifts: linear(p, 'head.shifts', inner, 4, normal(0.001)),
    offsets,
  };
}

/** Deformable RoI pooling (Dai et al. 2017): what plain pooling sees says, through one layer, where each bin moves. */
function pooledRegions(
  p: ParameterSource,
  features: Tensor,
  rois: Tensor,
  { bins, pooling, stride, offsetRate }: FasterOptions,
): { readonly pooled: Tensor; readonly offsets: Tensor | undefined } {
  const attrs = { bins, scale: 1 / stride };
  if (pooling === 'pool') return { pooled: roiPool(features, rois, attrs), offsets: undefined };
  if (pooling === 'align') return { pooled: roiAlign(features, rois, attrs), offsets: undefined };
  const plain = { ...attrs, group: 1, samples: 2 };
  const R = rois.shape[0] ?? 0;
  const first = reshape(deformPsRoiPool(features, rois, plain), [R, -1]);
  const flat = linear(slowed(p, offsetRate), 'head.offsets', first, 2 * bins ** 2, zeros);
  const offsets = reshape(flat, [R, 2, bins, bins]);
  return { pooled: deformPsRoiPool(features, rois, { ...plain, trans: offsets }), offsets };
}

/** Parameters that learn at another rate, without decay. */
function slowed(p: ParameterSource, offsetRate = 0.1): ParameterSource {
  return {
    create: (name, shape, init, own) => p.create(name, shape, init, { ...own, lrScale: offsetRate, decay: false }),
  };
}

export interface RfcnOptions extends HeadOptions {
  /** k: bins of a region along an edge, and maps for each class. */
  readonly bins: number;
  /** Offsets of the bins, learned from a third set of maps; the pooling then samples between pixels. */
  readonly deformable: boolean;
}

/** What can be looked at of an R-FCN head. */
export interface RfcnMaps extends RegionScores {
  /** Score maps [B, (classes + 1) · k², H, W], and what each bin says before the vote, [R, classes + 1, k, k]. */
  readonly maps: Tensor;
  /** Box maps [B, 4 · k², H, W]. */
  readonly boxMaps: Tensor;
  readonly bins: Tensor;
  /** Normalised offsets of the bins, [R, 2, k, k]: x, then y. */
  readonly offsets: Tensor | undefined;
}

/** features [B, C, H, W], regions [R, 5] → score and box maps → pooled by position → the mean over the bins. Nothing is learned behind the pooling. */
export function rfcnHead(p: ParameterSource, features: Tensor, rois: Tensor, options: RfcnOptions): RfcnMaps {
  const { classes, bins, stride } = options;
  const scale = 1 / stride;
  const init = normal(0.01);
  const mapsOf = (name: string, count: number) =>
    convolution(p, name, features, count * bins ** 2, { kernel: 1, init });
  const maps = mapsOf('head.classes', classes + 1);
  const boxMaps = mapsOf('head.shifts', 4);
  const offsets = options.deformable ? binOffsets(p, features, rois, options) : undefined;
  const pooled = (of: Tensor) =>
    offsets ? deformPsRoiPool(of, rois, { bins, scale, trans: offsets }) : psRoiPool(of, rois, { bins, scale });
  const votes = pooled(maps);
  return { logits: mean(votes, [2, 3]), shifts: mean(pooled(boxMaps), [2, 3]), maps, boxMaps, bins: votes, offsets };
}

/** Offsets shared by all classes from maps of their own, pooled without offsets; they begin at zero. */
function binOffsets(
  p: ParameterSource,
  features: Tensor,
  rois: Tensor,
  { bins, stride, offsetRate }: RfcnOptions,
): Tensor {
  const maps = convolution(slowed(p, offsetRate), 'head.offsets', features, 2 * bins ** 2, { kernel: 1, init: zeros });
  return psRoiPool(maps, rois, { bins, scale: 1 / stride });
}
