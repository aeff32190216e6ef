/** What two-stage detectors (Ren et al. 2015; Dai et al. 2016) are made of besides convolutions: anchors, choices of regions, the box loss. */
import { argsort } from '../engine/ops/argsort';
import { gatherRows } from '../engine/ops/gather';
import { abs, add, affine, equal, less, mul, square, toFloat, where } from '../engine/ops/pointwise';
import { randomUniform } from '../engine/ops/random';
import { sum } from '../engine/ops/reduce';
import { reshape } from '../engine/ops/reshape';
import { slice } from '../engine/ops/slice';
import { stopGradient } from '../engine/ops/stopGradient';
import type { Tensor } from '../engine/tensor';

export interface AnchorGrid {
  /** Cells of the map, and pixels of the image for each. */
  readonly height: number;
  readonly width: number;
  readonly stride: number;
  /** Square roots of areas in pixels, and height over width. */
  readonly scales: readonly number[];
  readonly ratios: readonly number[];
}

/**
 * Anchors (x1, y1, x2, y2), [height · width · A, 4] with A = ratios · scales (scales fastest), centred in their cells; continuous, none
 * rounded.
 */
export function anchors({ height, width, stride, scales, ratios }: AnchorGrid): Float32Array<ArrayBuffer> {
  const boxes: number[] = [];
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++)
      for (const ratio of ratios)
        for (const scale of scales) {
          const [x, y] = [(column + 0.5) * stride, (row + 0.5) * stride];
          const [w, h] = [scale / Math.sqrt(ratio) / 2, (scale * Math.sqrt(ratio)) / 2];
          boxes.push(x - w, y - h, x + w, y + h);
        }
  return Float32Array.from(boxes);
}

/** Smooth L1, elementwise: ½σ²x² where |x| < 1/σ², else |x| − ½/σ². σ is 3 for proposals, 1 for the head. */
export function smoothL1(x: Tensor, sigma = 1): Tensor {
  const size = abs(x);
  const bend = 1 / sigma ** 2;
  return where(less(size, bend), affine(square(x), 0.5 / bend, 0), affine(size, 1, -0.5 * bend));
}

export interface SampleOptions {
  /** Regions of a picture in all, and positives among them at most. */
  readonly size: number;
  readonly positives: number;
  /** Name of the random stream. */
  readonly stream: string;
}

/**
 * A random choice of regions by their labels f32 [B, A] (1 positive, 0 negative, else neither): at most `positives` of the positives, the rest of
 * `size` filled with negatives as far as there are. Masks of ones, f32 [B, A]. A function of seed, step and stream; no gradient.
 */
export function sampleRegions(
  labels: Tensor,
  seed: Tensor,
  step: Tensor,
  { size, positives, stream }: SampleOptions,
): { positive: Tensor; negative: Tensor } {
  const chance = randomUniform(seed, step, labels.shape, stream);
  const ranked = (mask: Tensor) => toFloat(argsort(where(mask, chance, 2)).ranks);
  const isPositive = equal(labels, 1);
  const isNegative = equal(labels, 0);
  const positive = mul(isPositive, less(ranked(isPositive), positives));
  const room = affine(sum(positive, [1], { keepDims: true }), -1, size);
  return { positive, negative: mul(isNegative, less(ranked(isNegative), room)) };
}

/**
 * The chosen of a mask f32 [B, A] as `size` places: indices u32 [B, size], those chosen first and in order, and which of them are, f32
 * [B, size]. What is left over names regions that were not chosen: multiply by `present`.
 */
export function chosenRegions(mask: Tensor, size: number): { indices: Tensor; present: Tensor } {
  const [B = 1, A = 1] = mask.shape;
  const order = argsort(mask, { descending: true }).indices;
  const indices = slice(order, [0, 0], [B, size]);
  const present = reshape(gatherRows(reshape(mask, [B, A, 1]), indices), [B, size]);
  return { indices, present };
}

/**
 * Online hard example mining (Shrivastava et al. 2016, as R-FCN has it, without suppression): the `keep` regions of each picture with the largest
 * of `losses` f32 [B, R], as a mask of ones; equal ones by index. No gradient flows through the choice.
 */
export function hardest(losses: Tensor, keep: number): Tensor {
  return less(toFloat(argsort(stopGradient(losses), { descending: true }).ranks), keep);
}

/** Mean of `losses` over a mask of the same shape, divided by `count` whatever the mask holds: R-FCN's fixed normaliser. */
export function maskedSum(losses: Tensor, mask: Tensor, count: number): Tensor {
  return affine(sum(mul(losses, mask)), 1 / count, 0);
}

/** Both kinds of a choice in one mask. */
export function eitherOf({ positive, negative }: { positive: Tensor; negative: Tensor }): Tensor {
  return add(positive, negative);
}
