/**
 * PointNet (Qi et al. 2017, arXiv:1612.00593): f(x₁ … x_N) = γ(max_i h(x_i)). h is the same perceptron for every point; the largest of each
 * feature knows no order.
 *
 * B clouds, N points of D numbers, w the width (64 in the paper), K the bottleneck (1024).
 */
import { argmax, max, mean } from '../../../engine/ops/reduce';
import { concat } from '../../../engine/ops/concat';
import { slice } from '../../../engine/ops/slice';
import type { Tensor } from '../../../engine/tensor';
import { dense, sharedMlp, type Layers } from '../layers';
import type { PointNetShape } from '../networkShape';
import { classHead, joined, pointHead } from './heads';
import { tNet, transformed } from './tNet';

export interface PointNetResult {
  /** [B, outputs], or [B, N, outputs] of points. */
  readonly logits: Tensor;
  /** A64 [B, w, w], for the regulariser. */
  readonly featureTransform?: Tensor;
}

export interface Transforms {
  /** [B, 3, 3] */
  readonly input?: Tensor | undefined;
  /** [B, w, w] */
  readonly feature?: Tensor | undefined;
}

interface PointFeatures {
  /** After the feature transform, [B, N, w]. */
  readonly local: Tensor;
  /** h(x_i), [B, N, K]. */
  readonly deep: Tensor;
  readonly transforms: Transforms;
}

/** Turns the coordinates, and leaves normals as they are. */
function aligned(x: Tensor, A: Tensor): Tensor {
  const [B = 1, N = 1, D = 3] = x.shape;
  const xyz = transformed(slice(x, [0, 0, 0], [B, N, 3]), A);
  return D === 3 ? xyz : concat([xyz, slice(x, [0, 0, 3], [B, N, D - 3])], 2);
}

/** h(x_i) of x [B, N, D]. With `given` matrices in place of the T-Nets': how other points would fare in the same cloud. */
export function pointFeatures(l: Layers, shape: PointNetShape, x: Tensor, given?: Transforms): PointFeatures {
  const { width: w, bottleneck: K } = shape;
  const pooled = [w, 2 * w, K];
  const input = shape.inputTransform ? (given?.input ?? tNet(l, 'tnet3', x, 3, pooled)) : undefined;
  const turned = input ? aligned(x, input) : x; // [B, N, D]
  const first = sharedMlp(l, 'mlp1', turned, [w, w]); // [B, N, w]
  const feature = shape.featureTransform ? (given?.feature ?? tNet(l, 'tnet64', first, w, pooled)) : undefined;
  const local = feature ? transformed(first, feature) : first; // [B, N, w]
  const deep = sharedMlp(l, 'mlp2', local, shape.task === 'scene' ? [w, w, 2 * w, K] : [w, 2 * w, K]); // [B, N, K]
  if (input) l.tap?.('inputTransform', input);
  if (feature) l.tap?.('featureTransform', feature);
  l.tap?.('aligned', turned);
  return { local, deep, transforms: { input, feature } };
}

/** x [B, N, D]; category u32 [B] for parts. */
export function pointNet(l: Layers, shape: PointNetShape, x: Tensor, category?: Tensor): PointNetResult {
  const features = pointFeatures(l, shape, x);
  const { deep, transforms } = features;
  const g = shape.pooling === 'max' ? max(deep, [1]) : mean(deep, [1]); // [B, K]
  l.tap?.('globalFeature', g);
  // Which point each feature comes from: the critical points.
  if (shape.pooling === 'max') l.tap?.('critical', argmax(deep, [1]));
  return {
    logits: head(l, shape, features, g, category),
    ...(transforms.feature && { featureTransform: transforms.feature }),
  };
}

/** γ: of the cloud, or of each point beside its cloud. */
function head(l: Layers, shape: PointNetShape, { local, deep }: PointFeatures, g: Tensor, category?: Tensor): Tensor {
  const { bottleneck: K } = shape;
  switch (shape.task) {
    case 'classification':
      return classHead(l, 'head', g, shape);
    case 'parts': {
      const told = category && { of: category, categories: shape.categories };
      return pointHead(l, 'head', joined(l, 'join', local, g, K / 2, told), [K / 4, K / 8], shape);
    }
    case 'scene': {
      const room = dense(l, 'room2', dense(l, 'room1', g, K / 4), K / 8); // [B, K/8]
      return pointHead(l, 'head', joined(l, 'join', deep, room, K / 2), [K / 4], shape);
    }
  }
}
