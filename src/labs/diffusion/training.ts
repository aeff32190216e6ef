/** One training step's graph up to the loss: data, noise level, noise, network, weighted error. */
import { imageBatch, labelBatch } from '../../engine/ops/images';
import { gatherRows } from '../../engine/ops/gather';
import { add, less, mul, square, sub } from '../../engine/ops/pointwise';
import { batchIndices, randomNormal, randomUniform } from '../../engine/ops/random';
import { mean } from '../../engine/ops/reduce';
import { reshape } from '../../engine/ops/reshape';
import { shiftFlip } from '../../engine/ops/shiftFlip';
import { State } from '../../engine/state';
import type { Tensor } from '../../engine/tensor';
import type { ParameterSource } from '../../nn/parameters';
import { deviceSplit } from '../../train/deviceImages';
import type { DiffusionData } from './data/data';
import type { ClassCondition } from './embedding';
import { classesOf, network, type NetworkShape } from './network';
import { tensorArithmetic } from './process/arithmetic';
import type { ConstantsOf } from './process/constants';
import type { Process } from './process/framework';
import { preconditionings } from './process/preconditioning';
import { drawsFrom, drawSigma, trainingTerms } from './process/training';
import type { DiffusionSettings } from './settings';

export interface Chance {
  /** u32 [] each. */
  readonly seed: Tensor;
  readonly step: Tensor;
}

/** A batch with its noise: what a step learns from. */
export interface NoisyBatch {
  /** x₀ [B, …sample] */
  readonly data: Tensor;
  /** σ [B] */
  readonly sigma: Tensor;
  /** ε [B, …sample] */
  readonly noise: Tensor;
  readonly condition?: ClassCondition;
}

const points = new WeakMap<Float32Array, State>();

/** The points of a plane set [count, 2] as a state, one for each array. */
function pointState(data: Float32Array): State {
  const known = points.get(data);
  if (known) return known;
  const made = new State('points', [data.length / 2, 2], 'f32', data, 'constant');
  points.set(data, made);
  return made;
}

export interface CleanBatch {
  readonly data: Tensor;
  readonly condition?: ClassCondition;
}

/** x₀ [B, …sample] of an epoch-wise permutation; images in −1…1, with classes where the network takes them. */
export function cleanBatch(
  data: DiffusionData,
  which: 'train' | 'test',
  { network: shape, batch, flip, classDropout }: DiffusionSettings,
  chance: Chance,
): CleanBatch {
  const { seed, step } = chance;
  if (data.kind === 'plane') {
    const table = pointState(data[which]).tensor();
    const indices = batchIndices(seed, step, { count: table.shape[0] ?? 1, batch, stream: 'batch' });
    return { data: gatherRows(table, indices) };
  }
  const { set } = data;
  const split = deviceSplit(set, which);
  const indices = batchIndices(seed, step, { count: split.count, batch, stream: 'batch' });
  const half = Array.from({ length: set.channels }, () => 0.5);
  const images = imageBatch(split.pixels.tensor(), indices, {
    channels: set.channels,
    size: set.size,
    mean: half,
    std: half,
  });
  return {
    data: flip && which === 'train' ? shiftFlip(images, chance, { shift: 0, flip, stream: 'flip' }) : images,
    ...(classesOf(shape) > 0 && {
      condition: {
        labels: labelBatch(split.labels.tensor(), indices),
        dropped: less(randomUniform(seed, step, [batch], 'dropped'), which === 'train' ? classDropout : 0),
      },
    }),
  };
}

/** The batch of a step: x₀, σ ~ p_train and ε, all drawn on the device. */
export function noisyBatch(
  data: DiffusionData,
  settings: DiffusionSettings,
  constants: ConstantsOf<Tensor>,
  chance: Chance,
): NoisyBatch {
  const { process, batch } = settings;
  const clean = cleanBatch(data, 'train', settings, chance);
  const random = drawsFrom(process) === 'normal' ? randomNormal : randomUniform;
  const draw = random(chance.seed, chance.step, [batch], 'noise level');
  return {
    ...clean,
    sigma: drawSigma(tensorArithmetic, process, draw, constants),
    noise: randomNormal(chance.seed, chance.step, clean.data.shape, 'noise'),
  };
}

/** A number for each sample as it multiplies samples: [B] → [B, 1, …]. */
export function perSample(x: Tensor, sample: Tensor): Tensor {
  return reshape(x, [x.shape[0] ?? 1, ...sample.shape.slice(1).map(() => 1)]);
}

export interface ModelOf {
  readonly process: Process;
  readonly network: NetworkShape;
}

/**
 * λ c_out² (F(c_in x̄; c_noise) − target)², averaged over each sample's numbers: [B]. With target = (x₀ − c_skip x̄)/c_out this is
 * λ ‖D − x₀‖², without its cancellation in f32.
 */
export function sampleLosses(
  p: ParameterSource,
  { process, network: shape }: ModelOf,
  { data, sigma, noise, condition }: NoisyBatch,
  constants: ConstantsOf<Tensor> = process.constants,
): Tensor {
  const terms = trainingTerms(tensorArithmetic, process, sigma, constants);
  const noised = add(data, mul(perSample(sigma, data), noise)); // x̄
  const seen = mul(perSample(terms.input, data), noised);
  const { labelSpan } = preconditionings[process.preconditioning];
  const f = network(p, shape, seen, terms.label, labelSpan, condition);
  const target = add(mul(perSample(terms.targetData, data), data), mul(perSample(terms.targetNoise, data), noise));
  const axes = data.shape.slice(1).map((_, i) => i + 1);
  return mul(mean(square(sub(f, target)), axes), terms.lossWeight);
}
