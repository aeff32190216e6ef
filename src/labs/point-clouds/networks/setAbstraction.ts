/** What PointNet++ (Qi et al. 2017, arXiv:1706.02413) is made of: set abstraction, and feature propagation back to more points. */
import { ballQuery } from '../../../engine/ops/ballQuery';
import { concat } from '../../../engine/ops/concat';
import { farthestPoints } from '../../../engine/ops/farthestPoints';
import { gatherRows } from '../../../engine/ops/gather';
import { interpolateThree, type InverseDistance } from '../../../engine/ops/interpolate';
import { sub, broadcastTo } from '../../../engine/ops/pointwise';
import { max } from '../../../engine/ops/reduce';
import { reshape } from '../../../engine/ops/reshape';
import type { Tensor } from '../../../engine/tensor';
import { sharedMlp, type Layers } from '../layers';

/** Points with features: xyz [B, N, 3], features [B, N, C] where there are any. */
export interface Level {
  readonly xyz: Tensor;
  readonly features?: Tensor | undefined;
}

export interface Ball {
  readonly radius: number;
  /** Points in it at most, K. */
  readonly members: number;
  /** Of the shared perceptron. */
  readonly widths: readonly number[];
}

/** S points as far from each other as can be: [B, N, 3] → [B, S, 3]. */
export function sampleCentres(l: Layers, name: string, xyz: Tensor, count: number): Tensor {
  const indices = farthestPoints(xyz, { count: Math.min(count, xyz.shape[1] ?? count) }); // [B, S]
  l.tap?.(`${name}.centres`, indices);
  return gatherRows(xyz, indices);
}

/** What lies in the ball around each centre, relative to it, features behind: [B, S, K, 3 + C]. */
export function grouped(
  l: Layers,
  name: string,
  { xyz, features }: Level,
  centres: Tensor,
  { radius, members }: Omit<Ball, 'widths'>,
): Tensor {
  const [B = 1, S = 1] = centres.shape;
  const { indices, counts } = ballQuery(centres, xyz, { radius, members }); // [B, S, K]
  l.tap?.(`${name}.members`, indices);
  l.tap?.(`${name}.counts`, counts);
  const relative = sub(gatherRows(xyz, indices), reshape(centres, [B, S, 1, 3])); // p_j − c
  return features ? concat([relative, gatherRows(features, indices)], 3) : relative;
}

/** A small PointNet in each ball: [B, S, K, D] → [B, S, last width]. */
export function ballNet(l: Layers, name: string, group: Tensor, widths: readonly number[]): Tensor {
  return max(sharedMlp(l, name, group, widths), [2]);
}

/** One level: centres, balls of one or more radii around them, their features side by side. */
export function setAbstraction(l: Layers, name: string, level: Level, count: number, balls: readonly Ball[]): Level {
  const centres = sampleCentres(l, name, level.xyz, count);
  const found = balls.map((ball, i) =>
    ballNet(l, `${name}.${i}`, grouped(l, `${name}.${i}`, level, centres, ball), ball.widths),
  );
  return { xyz: centres, features: concat(found, 2) };
}

/** All points of a level as one group: → [B, last width]. */
export function wholeSet(l: Layers, name: string, { xyz, features }: Level, widths: readonly number[]): Tensor {
  const x = features ? concat([xyz, features], 2) : xyz; // [B, N, 3 + C]
  return max(sharedMlp(l, name, x, widths), [1]);
}

/** Features of `coarse` brought to the points of `fine` by the three nearest, weighted by 1/d², beside what these have already. */
export function propagated(coarse: Level, fine: Level, rule: InverseDistance = 'clamped'): Tensor {
  if (!coarse.features) throw new Error('feature propagation: the coarse level has no features');
  const brought = interpolateThree(coarse.features, coarse.xyz, fine.xyz, rule); // [B, N, C]
  return fine.features ? concat([brought, fine.features], 2) : brought;
}

/** Feature propagation: as `propagated`, then a unit PointNet: → [B, N, last width]. */
export function featurePropagation(
  l: Layers,
  name: string,
  coarse: Level,
  fine: Level,
  widths: readonly number[],
): Tensor {
  return sharedMlp(l, name, propagated(coarse, fine), widths);
}

/** A cloud's feature g [B, G] at every point of `fine`, beside what these have: [B, N, G + C]. */
export function spread(g: Tensor, fine: Level): Tensor {
  const [B = 1, G = 1] = g.shape;
  const everywhere = broadcastTo(reshape(g, [B, 1, G]), [B, fine.xyz.shape[1] ?? 1, G]);
  return fine.features ? concat([everywhere, fine.features], 2) : everywhere;
}
