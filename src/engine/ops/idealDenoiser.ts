import { defineOp, type Kernel, type KernelArgs } from '../op';
import { ShapeError, type Tensor } from '../tensor';
import { foldGroups, lineGrid } from './grid';

/** Depths up to this go through one kernel, a row an invocation. */
const PLANAR = 4;

/** x [B, D], level [B, 2], means [N, D], logWeights [N], deviations [N] → denoised [B, D], logDensity [B]. */
export const idealDenoiserOp = defineOp<Record<string, never>>({
  name: 'idealDenoiser',
  infer: (inputs) => {
    const [x, level, means, logWeights, deviations] = inputs;
    const [rows, depth] = x?.shape ?? [];
    const [components, width] = means?.shape ?? [];
    const fits =
      x?.shape.length === 2 &&
      level?.shape.length === 2 &&
      level.shape[0] === rows &&
      level.shape[1] === 2 &&
      means?.shape.length === 2 &&
      width === depth &&
      logWeights?.shape.join() === String(components) &&
      deviations?.shape.join() === String(components);
    if (!fits || rows === undefined || !components) {
      throw new ShapeError(
        'idealDenoiser',
        'takes x [B, D], level [B, 2], means [N, D] with N ≥ 1, logWeights [N] and deviations [N]',
        inputs,
      );
    }
    return [
      { shape: x.shape, dtype: 'f32' },
      { shape: [rows], dtype: 'f32' },
    ];
  },
  kernels,
});

function kernels({ inputs, outputs, scratch }: KernelArgs<Record<string, never>>): Kernel[] {
  const [x, level, means, logWeights, deviations] = inputs;
  const [denoised, logDensity] = outputs;
  if (!x || !level || !means || !logWeights || !deviations || !denoised || !logDensity) return [];
  const [rows = 1, depth = 1] = x.shape;
  const components = logWeights.size;
  const sizes = { rows, depth, components };
  const flops = 3 * rows * components * depth;
  const mixture = { logWeights, deviations };
  if (depth <= PLANAR) {
    const { workgroups, width } = lineGrid(rows);
    const bindings = { x, level, means, ...mixture, denoised, logDensity };
    return [{ shader: 'idealDenoiser', entry: 'planar', uniform: { ...sizes, width }, bindings, workgroups, flops }];
  }
  const score = scratch([rows, components]);
  const statistics = scratch([rows, 2]);
  const each = lineGrid(rows * components);
  const groups = foldGroups(rows);
  const elements = lineGrid(rows * depth);
  return [
    {
      shader: 'idealDenoiser',
      entry: 'scores',
      uniform: { ...sizes, width: each.width },
      bindings: { x, level, means, ...mixture, score },
      workgroups: each.workgroups,
      flops,
    },
    {
      shader: 'idealDenoiser',
      entry: 'normalise',
      uniform: { ...sizes, width: groups.width },
      bindings: { knownScore: score, level, deviations, logDensity, statistics },
      workgroups: groups.workgroups,
    },
    {
      shader: 'idealDenoiser',
      entry: 'average',
      uniform: { ...sizes, width: elements.width },
      bindings: { x, level, means, deviations, knownScores: score, knownStatistics: statistics, denoised },
      workgroups: elements.workgroups,
      flops,
    },
  ];
}

export interface DenoisedMixture {
  /** Component means, or the points of a training set, [N, D]. */
  readonly means: Tensor;
  /** Logarithms of the weights, up to a shift that only the density feels, [N]. */
  readonly logWeights: Tensor;
  /** Standard deviation of each component, [N]; 0 for points. */
  readonly deviations: Tensor;
}

/**
 * E[x₀ | x] for x [B, D] = α x₀ + β ε, x₀ of an isotropic Gaussian mixture; level [B, 2] = (α, β), β > 0. With deviations 0 and equal
 * weights, the ideal denoiser of a training set (Karras et al. 2022, appendix B). α may be 0. Also log p(x) [B]. Throws ShapeError.
 */
export function idealDenoiser(
  x: Tensor,
  level: Tensor,
  mixture: DenoisedMixture,
): { denoised: Tensor; logDensity: Tensor } {
  const [denoised, logDensity] = idealDenoiserOp.apply(
    [x, level, mixture.means, mixture.logWeights, mixture.deviations],
    {},
  );
  if (!denoised || !logDensity) throw new Error('idealDenoiser: gave no output');
  return { denoised, logDensity };
}
