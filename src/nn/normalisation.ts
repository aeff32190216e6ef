/** Batch and group norm as layers. */
import {
  batchNorm as batchNormOp,
  batchNormBy,
  groupNorm as groupNormOp,
  updateRunningStatistics,
} from '../engine/ops/batchNorm';
import { sizeOf, type Node, type Tensor } from '../engine/tensor';
import { ones, zeros } from './initialisers';
import type { ParameterSource } from './parameters';

/**
 * How batch norms run. In training they normalise by the batch, and each leaves in `updates` the effect that moves its running
 * statistics: hand these to the trainer with the loss. Otherwise they normalise by the running statistics.
 */
export type NormMode = { readonly training: true; readonly updates: Node[] } | { readonly training: false };

export interface BatchNormOptions {
  /** Axis of the channels: 1 for [B, C, ...], −1 for points [N, C] and [B, N, C]. */
  readonly axis?: number;
  /** Part of a batch in the new running statistics. */
  readonly momentum?: number;
  readonly eps?: number;
}

/**
 * Batch norm over all axes but the channels' (Ioffe & Szegedy 2015), ε 1e-5, momentum 0.1 as PyTorch has them. Running mean and
 * variance are parameters that the optimiser leaves alone (rate 0, no decay): they are in snapshots, averages and exports.
 */
export function batchNorm(
  p: ParameterSource,
  name: string,
  x: Tensor,
  mode: NormMode,
  { axis = 1, momentum = 0.1, eps = 1e-5 }: BatchNormOptions = {},
): Tensor {
  const channels = x.shape.at(axis) ?? 1;
  const scale = p.create(`${name}.scale`, [channels], ones);
  const shift = p.create(`${name}.shift`, [channels], zeros);
  const kept = { lrScale: 0, decay: false };
  const running = {
    mean: p.create(`${name}.runningMean`, [channels], zeros, kept),
    variance: p.create(`${name}.runningVariance`, [channels], ones, kept),
  };
  if (!mode.training) return batchNormBy(x, running, scale, shift, { axis, eps });
  const { y, ...batch } = batchNormOp(x, scale, shift, { axis, eps });
  mode.updates.push(updateRunningStatistics(running, batch, { momentum, count: sizeOf(x.shape) / channels }));
  return y;
}

/** Group norm of x [B, C, ...] (Wu & He 2018), ε 1e-5. Throws ShapeError unless C divides by groups. */
export function groupNorm(p: ParameterSource, name: string, x: Tensor, groups: number): Tensor {
  const channels = x.shape[1] ?? 1;
  return groupNormOp(
    x,
    groups,
    p.create(`${name}.scale`, [channels], ones),
    p.create(`${name}.shift`, [channels], zeros),
    1e-5,
  );
}
