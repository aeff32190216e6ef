import { defineOp, type Kernel, type Operand } from '../op';
import { ShapeError, type Tensor } from '../tensor';
import { lineGrid } from './grid';
import { inverseLists } from './inverseLists';
import { nearestNeighbours } from './nearestNeighbours';
import { add, div, maximum } from './pointwise';
import { sum } from './reduce';
import { reshape } from './reshape';

/** features [B, S, C], indices u32 [B, N, K], weights [B, N, K] → [B, N, C]. */
export const interpolateOp = defineOp<Record<string, never>>({
  name: 'interpolate',
  infer: (inputs) => {
    const [features, indices, weights] = inputs;
    const [B, , C = 0] = features?.shape ?? [];
    const fits = features?.shape.length === 3 && indices?.shape.length === 3 && indices.shape[0] === B;
    if (!fits || indices.dtype !== 'u32' || weights?.shape.join() !== indices.shape.join())
      throw new ShapeError(
        'interpolate',
        'takes features [B, S, C], indices u32 and weights f32, both [B, N, K]',
        inputs,
      );
    return [{ shape: [...indices.shape.slice(0, 2), C], dtype: 'f32' }];
  },
  vjp: ({ inputs: [features, indices, weights], cotangents: [g], needs }) => {
    if (!features || !indices || !weights || !g) return [];
    const [B = 1, N = 1, K = 1] = indices.shape;
    const [, S = 1] = features.shape;
    const listed = () => inverseLists(reshape(indices, [B, N * K]), S);
    const byFeatures = () => {
      const { order, starts } = listed();
      return interpolateFeatureGradOp.one([g, weights, order, starts], { rows: S });
    };
    return [
      needs[0] ? byFeatures() : undefined,
      undefined,
      needs[2] ? interpolateWeightGradOp.one([g, features, indices], {}) : undefined,
    ];
  },
  kernels: ({ inputs: [features, indices, weights], outputs: [out] }) =>
    features && indices && weights && out
      ? [kernel('forward', features.shape[1] ?? 1, indices, out.shape[2] ?? 1, { features, indices, weights }, out)]
      : [],
});

/** By the features: g [B, N, C], weights [B, N, K] and the indices' inverse lists → [B, S, C]. */
export const interpolateFeatureGradOp = defineOp<{ readonly rows: number }>({
  name: 'interpolateFeatureGrad',
  infer: ([g], { rows }) => [{ shape: [g?.shape[0] ?? 1, rows, g?.shape[2] ?? 1], dtype: 'f32' }],
  kernels: ({ inputs: [g, weights, order, starts], outputs: [out], attrs: { rows } }) =>
    g && weights && order && starts && out
      ? [kernel('featureGradient', rows, weights, out.shape[2] ?? 1, { g, weights, order, starts }, out)]
      : [],
});

/** By the weights: g [B, N, C], features [B, S, C], indices [B, N, K] → [B, N, K]. */
export const interpolateWeightGradOp = defineOp<Record<string, never>>({
  name: 'interpolateWeightGrad',
  infer: ([, , indices]) => [{ shape: indices?.shape ?? [], dtype: 'f32' }],
  kernels: ({ inputs: [g, features, indices], outputs: [out] }) =>
    g && features && indices && out
      ? [kernel('weightGradient', features.shape[1] ?? 1, indices, g.shape[2] ?? 1, { g, features, indices }, out)]
      : [],
});

function kernel(
  entry: string,
  rows: number,
  picks: Operand,
  depth: number,
  inputs: Readonly<Record<string, Operand>>,
  out: Operand,
): Kernel {
  const { workgroups, count, width } = lineGrid(out.size);
  const [, targets = 1, near = 1] = picks.shape;
  const uniform = { count, width, rows, targets, depth, near };
  return { shader: 'interpolate', entry, uniform, bindings: { ...inputs, out }, workgroups };
}

/** Rows by index, weighted and added: features [B, S, C], indices u32 and weights f32 [B, N, K] → [B, N, C]. Throws ShapeError. */
export function interpolate(features: Tensor, indices: Tensor, weights: Tensor): Tensor {
  return interpolateOp.one([features, indices, weights], {});
}

/** How a distance of zero is met: PointNet++'s own kernel takes 1/max(d², 1e-10), the PyTorch port 1/(d² + 1e-8). */
export type InverseDistance = 'clamped' | 'shifted';

/**
 * PointNet++'s feature propagation (Qi et al. 2017, eq. 2): features [B, S, C] at `known` [B, S, 3] brought to `wanted` [B, N, 3] by the
 * three nearest, weighted by 1/d² and normalised; fewer than three where S is smaller. Gradient by the features. Throws ShapeError.
 */
export function interpolateThree(
  features: Tensor,
  known: Tensor,
  wanted: Tensor,
  rule: InverseDistance = 'clamped',
): Tensor {
  const { indices, distances } = nearestNeighbours(wanted, known, { k: Math.min(3, known.shape[1] ?? 1) });
  const inverse = div(1, rule === 'clamped' ? maximum(distances, 1e-10) : add(distances, 1e-8));
  return interpolate(features, indices, div(inverse, sum(inverse, [2], { keepDims: true })));
}
