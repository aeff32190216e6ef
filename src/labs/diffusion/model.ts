/** A denoiser that can be sampled: a trained network or the exact one. */
import { idealDenoiser } from '../../engine/ops/idealDenoiser';
import { reshape } from '../../engine/ops/reshape';
import { constant, type State } from '../../engine/state';
import type { Tensor } from '../../engine/tensor';
import type { ParameterSet } from '../../nn/parameters';
import type { DiffusionData } from './data/data';
import type { ClassCondition } from './embedding';
import { classesOf, network, sampleShape, type NetworkShape } from './network';
import type { Mixture } from './process/mixture';
import { preconditionings, type PreconditioningName } from './process/preconditioning';
import { hostSamples } from './samples';

export interface SampledModel {
  /** Shape of one sample. */
  readonly sample: readonly number[];
  /** 0 where it takes none. */
  readonly classes: number;
  /** Gives D from the state as it is, rather than F from c_in x̄. */
  readonly exact: boolean;
  /** input [B, …sample], label [B] (c_noise), level [B, 2] = (signal, noise). */
  apply(input: Tensor, label: Tensor, level: Tensor, condition?: ClassCondition): Tensor;
}

/** The network with the weights of `flat`: the values, or their moving average. */
export function trainedModel(
  parameters: ParameterSet,
  flat: State,
  shape: NetworkShape,
  preconditioning: PreconditioningName,
): SampledModel {
  const source = parameters.existing(flat);
  const { labelSpan } = preconditionings[preconditioning];
  return {
    sample: sampleShape(shape),
    classes: classesOf(shape),
    exact: false,
    apply: (input, label, _level, condition) => network(source, shape, input, label, labelSpan, condition),
  };
}

/** Training images that the ideal denoiser of pictures averages over. */
const MOST_REMEMBERED = 2048;

/** The ideal denoiser: of a density in the plane itself; of pictures, of the training set, which it can only repeat. */
export function exactModel(data: DiffusionData): SampledModel {
  const { means, deviations, weights } = data.kind === 'plane' ? data.mixture : remembered(data);
  const count = weights.length;
  const sample = data.kind === 'plane' ? [2] : [data.set.channels, data.set.size, data.set.size];
  const width = sample.reduce((n, d) => n * d, 1);
  const mixture = {
    means: constant(means.flat(), [count, width]),
    logWeights: constant(weights.map(Math.log), [count]),
    deviations: constant(deviations, [count]),
  };
  return {
    sample,
    classes: 0,
    exact: true,
    apply: (input, _label, level) => {
      const flat = reshape(input, [input.shape[0] ?? 1, width]);
      return reshape(idealDenoiser(flat, level, mixture).denoised, input.shape);
    },
  };
}

function remembered(data: DiffusionData): Mixture {
  const { values, count, width } = hostSamples(data, 'train', MOST_REMEMBERED);
  const rows = Array.from({ length: count }, (_, i) => i);
  return {
    means: rows.map((i) => Array.from(values.subarray(i * width, (i + 1) * width))),
    weights: rows.map(() => 1 / count),
    deviations: rows.map(() => 0),
  };
}
