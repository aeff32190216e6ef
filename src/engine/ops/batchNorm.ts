import { ShapeError, sizeOf, type Node, type Shape, type Tensor } from '../tensor';
import { channelStatisticsOp } from './channelSums';
import { batchNormOp, groupNormOp } from './normalise';
import { add, affine, div, mul, sqrt, sub } from './pointwise';
import { reshape } from './reshape';
import { runningStatisticsOp } from './runningStatistics';

/** A vector over the channels as it broadcasts along `axis`. */
function along(axis: number, rank: number, vector: Tensor): Tensor {
  return reshape(vector, [sizeOf(vector.shape), ...new Array<number>(rank - axis - 1).fill(1)]);
}

function channelAxis(op: string, x: Tensor, axis: number, vectors: readonly Tensor[]): number {
  const at = axis < 0 ? axis + x.shape.length : axis;
  const channels = x.shape[at];
  if (channels === undefined || vectors.some((v) => v.shape.join() !== String(channels))) {
    throw new ShapeError(
      op,
      `axis ${axis} must be the channels', and scale, shift and statistics one number for each`,
      [x, ...vectors],
    );
  }
  return at;
}

export interface BatchStatistics {
  readonly mean: Tensor;
  /** Divided by the count, not count − 1. */
  readonly variance: Tensor;
}

/**
 * Batch norm by the batch's own statistics (Ioffe & Szegedy 2015): x of any shape, scale and shift [C], C the length of `axis` (1 for
 * [B, C, ...], −1 for points [N, C] or [B, N, C]); mean and variance are taken over all other axes. Gradients flow through
 * them. Throws ShapeError.
 */
export function batchNorm(
  x: Tensor,
  scale: Tensor,
  shift: Tensor,
  { axis = 1, eps = 1e-5 }: { readonly axis?: number; readonly eps?: number } = {},
): BatchStatistics & { readonly y: Tensor } {
  const at = channelAxis('batchNorm', x, axis, [scale, shift]);
  const [mean, variance, rstd] = channelStatisticsOp.apply([x], { axis: at, eps });
  if (!mean || !variance || !rstd) throw new ShapeError('batchNorm', 'gave no statistics', [x]);
  const vectors = [mean, rstd, scale, shift].map((v) => along(at, x.shape.length, v));
  return { y: batchNormOp.one([x, ...vectors], { axis: at }), mean, variance };
}

/** Batch norm by given statistics [C], as in evaluation: (x − mean)/√(variance + eps)·scale + shift. Throws ShapeError. */
export function batchNormBy(
  x: Tensor,
  { mean, variance }: BatchStatistics,
  scale: Tensor,
  shift: Tensor,
  { axis = 1, eps = 1e-5 }: { readonly axis?: number; readonly eps?: number } = {},
): Tensor {
  const at = channelAxis('batchNorm', x, axis, [mean, variance, scale, shift]);
  const factor = div(scale, sqrt(affine(variance, 1, eps)));
  const [m, k, t] = [mean, factor, shift].map((v) => along(at, x.shape.length, v));
  if (!m || !k || !t) throw new ShapeError('batchNorm', 'takes mean, variance, scale and shift', [x]);
  return add(mul(sub(x, m), k), t);
}

/**
 * An effect: running ← (1 − momentum)·running + momentum·batch, the variance by count − 1, as PyTorch keeps them. `count` is the number
 * of elements of a channel in the batch.
 */
export function updateRunningStatistics(
  running: BatchStatistics,
  batch: BatchStatistics,
  { momentum, count }: { readonly momentum: number; readonly count: number },
): Node {
  return runningStatisticsOp.node([running.mean, running.variance, batch.mean, batch.variance], { momentum, count });
}

/**
 * Group norm (Wu & He 2018): x [B, C, ...], scale and shift [C]; mean and variance over each of `groups` groups of neighbouring channels
 * of one sample. Throws ShapeError unless C divides by groups.
 */
export function groupNorm(x: Tensor, groups: number, scale: Tensor, shift: Tensor, eps = 1e-5): Tensor {
  const channels = sizeOf(x.shape.slice(1, 2));
  channelAxis('groupNorm', x, 1, [scale, shift]);
  if (channels % groups !== 0) {
    throw new ShapeError('groupNorm', `${channels} channels do not divide into ${groups} groups`, [x]);
  }
  const share = channels / groups;
  const batch = x.shape[0] ?? 1;
  const inner = sizeOf(x.shape.slice(2));
  const statistics = channelStatisticsOp.apply([reshape(x, [1, batch * groups, share * inner])], { axis: 1, eps });
  const [mean, , rstd] = statistics.map((t) => reshape(t, [batch, groups, 1, 1]));
  if (!mean || !rstd) throw new ShapeError('groupNorm', 'gave no statistics', [x]);
  const perChannel: Shape = [groups, share, 1];
  const vectors = [mean, rstd, reshape(scale, perChannel), reshape(shift, perChannel)];
  return reshape(groupNormOp.one([reshape(x, [batch, groups, share, inner]), ...vectors], {}), x.shape);
}
