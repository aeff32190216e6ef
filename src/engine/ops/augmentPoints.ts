import { defineOp } from '../op';
import { streamOf } from '../philox';
import { ShapeError, sizeOf, type Tensor } from '../tensor';
import { lineGrid } from './grid';

/** How much clouds are distorted. Lengths in units of the clouds, which lie in the unit sphere. */
export interface PointDistortion {
  /** Share of a full turn about the vertical, 0 … 1: the angle is uniform within it. */
  readonly turn: number;
  /** The scale is uniform between these. */
  readonly smallest: number;
  readonly largest: number;
  /** Standard deviation of each coordinate, and where it is clipped. */
  readonly jitter: number;
  readonly jitterLimit: number;
  /** The share of dropped points is uniform between these, for each cloud. */
  readonly leastDrop: number;
  readonly mostDrop: number;
  /** 0 … 1: how far the density falls along a random horizontal direction. */
  readonly densityGradient: number;
  /** Share of points that are thrown anywhere into [−1, 1]³. */
  readonly outliers: number;
}

/** Leaves clouds as they are. */
export const UNDISTORTED: PointDistortion = {
  turn: 0,
  smallest: 1,
  largest: 1,
  jitter: 0,
  jitterLimit: 0.05,
  leastDrop: 0,
  mostDrop: 0,
  densityGradient: 0,
  outliers: 0,
};

/** Numbers of a distortion as the kernel takes them. */
export const DISTORTION_NUMBERS = 9;

/** A distortion as the op's `strength` [9]; write it into a state to change it between steps. */
export function distortionNumbers(d: PointDistortion): Float32Array {
  const { turn, smallest, largest, jitter, jitterLimit, leastDrop, mostDrop, densityGradient, outliers } = d;
  return Float32Array.of(turn, smallest, largest, jitter, jitterLimit, leastDrop, mostDrop, densityGradient, outliers);
}

/** points [B, N, 3 or 6], seed and step (u32, one each), strength f32 [9] → points, and u32 [B, N] where each came from. */
export const augmentPointsOp = defineOp<{ readonly stream: number }>({
  name: 'augmentPoints',
  infer: (inputs) => {
    const [points, seed, step, strength] = inputs;
    const depth = points?.shape[2] ?? 0;
    if (points?.dtype !== 'f32' || points.shape.length !== 3 || (depth !== 3 && depth !== 6))
      throw new ShapeError('augmentPoints', 'takes coordinates [B, N, 3], or [B, N, 6] with normals', inputs);
    const scalars = [seed, step].every((t) => t?.dtype === 'u32' && sizeOf(t.shape) === 1);
    if (!scalars || strength?.dtype !== 'f32' || sizeOf(strength.shape) !== DISTORTION_NUMBERS)
      throw new ShapeError('augmentPoints', 'takes seed and step as one u32 each, and nine strengths', inputs);
    return [
      { shape: points.shape, dtype: 'f32' },
      { shape: points.shape.slice(0, 2), dtype: 'u32' },
    ];
  },
  vjp: ({ inputs }) => inputs.map(() => undefined),
  kernels: ({ inputs: [points, seed, step, strength], outputs: [out, source], attrs: { stream } }) => {
    if (!points || !seed || !step || !strength || !out || !source) return [];
    const [, N = 1, depth = 3] = points.shape;
    const { workgroups, count, width } = lineGrid(source.size);
    const bindings = { points, seed, step, strength, out, source };
    return [
      {
        shader: 'augmentPoints',
        entry: 'main',
        uniform: { count, width, points: N, depth, stream },
        bindings,
        workgroups,
      },
    ];
  },
});

/**
 * Clouds turned about the vertical (y), scaled, jittered, thinned evenly or along a direction, and strewn with outliers, each by its own
 * chance (Philox: a function of seed and step). points f32 [B, N, 3], or [B, N, 6] with normals, which turn along. `strength` [9] holds
 * `distortionNumbers`. A dropped point repeats point 0. `source` u32 [B, N] tells where each point came from (N: an outlier), for
 * labels. No gradient. Throws ShapeError.
 */
export function augmentPoints(
  points: Tensor,
  chance: { readonly seed: Tensor; readonly step: Tensor },
  strength: Tensor,
  stream: string,
): { points: Tensor; source: Tensor } {
  const inputs = [points, chance.seed, chance.step, strength];
  const [moved, source] = augmentPointsOp.apply(inputs, { stream: streamOf(stream) });
  if (!moved || !source) throw new Error('augmentPoints: no outputs');
  return { points: moved, source };
}
