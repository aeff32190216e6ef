/** One training step's graph up to the loss: proposals and head are trained together, with no gradient through the boxes (approximate joint training). */
import { anchorMatch } from '../../engine/ops/anchorMatch';
import { encodeBoxes, HEAD } from '../../engine/ops/boxCode';
import { concat } from '../../engine/ops/concat';
import { gatherRows } from '../../engine/ops/gather';
import { add, equal, greater, mul, sub, where } from '../../engine/ops/pointwise';
import { sum } from '../../engine/ops/reduce';
import { reshape } from '../../engine/ops/reshape';
import { slice } from '../../engine/ops/slice';
import { softmaxCrossEntropy } from '../../engine/ops/softmaxCrossEntropy';
import { constant } from '../../engine/state';
import type { Tensor } from '../../engine/tensor';
import type { NormMode } from '../../nn/normalisation';
import type { ParameterSource } from '../../nn/parameters';
import { chosenRegions, eitherOf, hardest, maskedSum, sampleRegions, smoothL1 } from '../../nn/regions';
import { anchorGrid, judgeRegions, sharedPart } from './detector';
import { asRegions, proposalLoss, proposals, type Truths } from './regionProposals';
import type { SceneBatch } from './sceneFeed';
import type { DetectorShape, RegionSettings } from './settings';

/** Seed and step, u32 []. */
interface Chance {
  readonly seed: Tensor;
  readonly step: Tensor;
}

/** Anchors of a picture that count for the proposals' loss, and positives among them at most. */
const ANCHOR_SAMPLE = { size: 64, positives: 32, inside: null } as const;
/** Shorter side of a proposal in pixels below which it is dropped, and boxes that suppression begins with. */
export const SMALLEST = 4;
export const BEFORE = 300;

export interface Losses {
  readonly total: Tensor;
  readonly objectness: Tensor;
  readonly proposals: Tensor;
  readonly classes: Tensor;
  readonly boxes: Tensor;
}

/** All four losses have weight 1, as in the released code. */
export function losses(
  p: ParameterSource,
  { images, truths }: SceneBatch,
  shape: DetectorShape,
  options: {
    readonly regions: RegionSettings;
    readonly mode: NormMode;
    readonly chance: Chance;
    /** Overlap above which a proposal drops a worse one. */
    readonly overlap: Tensor;
  },
): Losses {
  const { regions, mode, chance, overlap } = options;
  const { features, anchors } = sharedPart(p, images, shape, mode);
  const grid = anchorGrid(shape);
  const first = proposalLoss(anchors, grid, truths, chance, ANCHOR_SAMPLE);
  const N = grid.shape[0] ?? 1;
  const found = proposals(anchors, grid, {
    before: Math.min(N, Math.max(BEFORE, regions.proposals)),
    after: regions.proposals,
    overlap,
    smallest: SMALLEST,
    clip: [shape.size, shape.size],
  });
  const chosen = chosenForHead(found.boxes, truths, chance, regions);
  const { logits, shifts } = judgeRegions(p, features, asRegions(chosen.boxes), shape);
  const head = headLosses(logits, shifts, truths, chosen, regions);
  const total = add(add(first.objectness, first.boxes), add(head.classes, head.boxes));
  return { total, objectness: first.objectness, proposals: first.boxes, ...head };
}

/** Regions that the head is given, with what they should be called. */
interface Chosen {
  /** [B, R, 4]. */
  readonly boxes: Tensor;
  /** Ones where a region lies on an object, and where it lies on none: [B, R]; both zero where it does not count. */
  readonly positive: Tensor;
  readonly negative: Tensor;
  /** The truth of the largest overlap, u32 [B, R]. */
  readonly matched: Tensor;
}

/** Proposals and truths as regions; without mining a random choice of them. */
function chosenForHead(found: Tensor, truths: Truths, { seed, step }: Chance, regions: RegionSettings): Chosen {
  const all = concat([found, truths.boxes], 1);
  const [B = 1, R = 1] = all.shape;
  const { labels, matched } = anchorMatch(all, truths.boxes, truths.counts, {
    positive: 0.5,
    negative: 0.5,
    force: false,
  });
  // What is not there has no width.
  const side = (at: number) => slice(all, [0, 0, at], [B, R, 1]);
  const there = reshape(greater(side(2), side(0)), [B, R]);
  const known = where(there, labels, -1);
  if (regions.mining) return { boxes: all, positive: equal(known, 1), negative: equal(known, 0), matched };
  const size = Math.min(R, regions.batch);
  const sample = sampleRegions(known, seed, step, { size, positives: regions.positives, stream: 'head sample' });
  const { indices, present } = chosenRegions(eitherOf(sample), size);
  const picked = (of: Tensor) => reshape(gatherRows(reshape(of, [B, R, 1]), indices), [B, size]);
  return {
    boxes: gatherRows(all, indices),
    positive: mul(picked(sample.positive), present),
    negative: mul(picked(sample.negative), present),
    matched: picked(matched),
  };
}

/** Cross-entropy and smooth L1 of what is chosen, each divided by the number meant to be chosen. */
function headLosses(
  logits: Tensor,
  shifts: Tensor,
  truths: Truths,
  { boxes, positive, negative, matched }: Chosen,
  regions: RegionSettings,
): { readonly classes: Tensor; readonly boxes: Tensor } {
  const [B = 1, R = 1] = positive.shape;
  const rows = (x: Tensor) => reshape(x, [B, R]);
  // Labels of a region's truth count from 1 in the feed; the background is 0.
  const T = truths.labels.shape[1] ?? 1;
  const named = reshape(gatherRows(reshape(truths.labels, [B, T, 1]), matched), [B * R]);
  const background = constant(new Uint32Array(B * R), [B * R], 'u32');
  const classes = add(
    mul(rows(softmaxCrossEntropy(logits, named)), positive),
    mul(rows(softmaxCrossEntropy(logits, background)), negative),
  );
  // A region beside all objects has no target, and its encoding may be no number at all.
  const encoded = encodeBoxes(boxes, gatherRows(truths.boxes, matched), HEAD);
  const targets = where(reshape(positive, [B, R, 1]), encoded, 0);
  const moved = mul(sum(smoothL1(sub(reshape(shifts, [B, R, 4]), targets)), [2]), positive);
  const count = B * Math.min(regions.batch, R);
  const mask = regions.mining
    ? mul(hardest(where(add(positive, negative), add(classes, moved), -1), regions.batch), add(positive, negative))
    : add(positive, negative);
  return { classes: maskedSum(classes, mask, count), boxes: maskedSum(moved, mask, count) };
}
