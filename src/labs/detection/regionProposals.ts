/** Region proposals (Ren et al. 2015): objectness and box shifts for each anchor, their loss, and the boxes that the head is given. */
import { anchorMatch } from '../../engine/ops/anchorMatch';
import { decodeBoxes, encodeBoxes } from '../../engine/ops/boxCode';
import { concat } from '../../engine/ops/concat';
import { gatherRows } from '../../engine/ops/gather';
import { nms } from '../../engine/ops/nms';
import { abs, add, affine, equal, exp, less, log, mul, relu, sub, where } from '../../engine/ops/pointwise';
import { permute } from '../../engine/ops/permute';
import { sum } from '../../engine/ops/reduce';
import { reshape } from '../../engine/ops/reshape';
import { stopGradient } from '../../engine/ops/stopGradient';
import { topK } from '../../engine/ops/topK';
import { constant } from '../../engine/state';
import type { Tensor } from '../../engine/tensor';
import { convolution } from '../../nn/convolution';
import { normal } from '../../nn/initialisers';
import type { ParameterSource } from '../../nn/parameters';
import { eitherOf, maskedSum, sampleRegions, smoothL1 } from '../../nn/regions';

/** Truths of a batch: boxes [B, T, 4], labels u32 [B, T], the first counts u32 [B] of which are there. */
export interface Truths {
  readonly boxes: Tensor;
  readonly labels: Tensor;
  readonly counts: Tensor;
}

/** What the network says of each anchor, cells in rows, an anchor of a cell after the other. */
export interface AnchorScores {
  /** Logits of "an object", [B, N]. */
  readonly objectness: Tensor;
  /** (t_x, t_y, t_w, t_h), [B, N, 4]. */
  readonly shifts: Tensor;
}

/** features [B, C, H, W] → scores of H · W · perCell anchors. */
export function scoreAnchors(p: ParameterSource, features: Tensor, perCell: number, width: number): AnchorScores {
  const [B = 1, , H = 1, W = 1] = features.shape;
  const init = normal(0.01);
  const hidden = relu(convolution(p, 'rpn.conv', features, width, { kernel: 3, padding: 1, init }));
  const logits = convolution(p, 'rpn.objectness', hidden, perCell, { kernel: 1, init });
  const deltas = convolution(p, 'rpn.shifts', hidden, 4 * perCell, { kernel: 1, init });
  const objectness = reshape(permute(logits, [0, 2, 3, 1]), [B, H * W * perCell]);
  const shifts = reshape(permute(deltas, [0, 2, 3, 1]), [B, H * W * perCell, 4]);
  return { objectness, shifts };
}

/** −log of the probability of y ∈ {0, 1} under a logit: max(z, 0) − z·y + log(1 + exp(−|z|)). */
export function binaryCrossEntropy(logits: Tensor, targets: Tensor): Tensor {
  return add(sub(relu(logits), mul(logits, targets)), log(affine(exp(affine(abs(logits), -1, 0)), 1, 1)));
}

export interface ProposalLossOptions {
  /** Anchors of a picture that count, and positives among them at most. */
  readonly size: number;
  readonly positives: number;
  /** [width, height] of the picture: anchors across its border take no part. Null: all do. */
  readonly inside: readonly [number, number] | null;
}

/**
 * (Σ cross-entropy over the sampled anchors + Σ smooth L1 (σ = 3) over the positives among them) / sampled anchors of the batch, as py-faster-rcnn
 * divides (by their intended number). Scalars.
 */
export function proposalLoss(
  { objectness, shifts }: AnchorScores,
  grid: Tensor,
  truths: Truths,
  { seed, step }: { readonly seed: Tensor; readonly step: Tensor },
  { size, positives, inside }: ProposalLossOptions,
): { readonly objectness: Tensor; readonly boxes: Tensor } {
  const { labels, matched } = anchorMatch(grid, truths.boxes, truths.counts, { inside });
  const chosen = sampleRegions(labels, seed, step, { size, positives, stream: 'rpn sample' });
  const targets = encodeBoxes(grid, gatherRows(truths.boxes, matched));
  const count = size * (labels.shape[0] ?? 1);
  const apart = sum(smoothL1(sub(shifts, targets), 3), [2]);
  return {
    objectness: maskedSum(binaryCrossEntropy(objectness, equal(labels, 1)), eitherOf(chosen), count),
    boxes: maskedSum(apart, chosen.positive, count),
  };
}

export interface ProposalOptions {
  /** Boxes that suppression begins with, and that it leaves at most. */
  readonly before: number;
  readonly after: number;
  readonly overlap: number | Tensor;
  /** Shorter side in pixels below which a box is dropped. */
  readonly smallest: number;
  /** [width, height] of the picture. */
  readonly clip: readonly [number, number];
}

/** A logit that no box has: those too small stand behind all others. */
const DROPPED = -1e30;

/** Boxes [B, after, 4] by falling score; zeros, of score 0, for what is not there (`count` [B] says). No gradient flows through them. */
export function proposals(
  { objectness, shifts }: AnchorScores,
  grid: Tensor,
  { before, after, overlap, smallest, clip }: ProposalOptions,
): { readonly boxes: Tensor; readonly scores: Tensor; readonly count: Tensor } {
  const [B = 1, N = 1] = objectness.shape;
  const { boxes, side } = decodeBoxes(grid, stopGradient(shifts), { clip });
  const scores = where(less(side, smallest), DROPPED, stopGradient(objectness));
  const top = topK(scores, Math.min(before, N));
  const best = gatherRows(boxes, top.indices);
  const { indices, count } = nms(best, top.values, { overlap, least: DROPPED / 2, most: after });
  const kept = gatherRows(reshape(top.values, [B, -1, 1]), indices);
  return { boxes: gatherRows(best, indices), scores: reshape(kept, [B, after]), count };
}

/** Boxes [B, R, 4] as regions [B · R, 5], each with the number of its picture. */
export function asRegions(boxes: Tensor): Tensor {
  const [B = 1, R = 1] = boxes.shape;
  const pictures = constant(
    Float32Array.from({ length: B * R }, (_, i) => Math.floor(i / R)),
    [B * R, 1],
  );
  return concat([pictures, reshape(boxes, [B * R, 4])], 1);
}
