/** A denoiser that can be sampled: a trained network or the exact one. */
import type { State } from '../../engine/state';
import type { Tensor } from '../../engine/tensor';
import type { ParameterSet } from '../../nn/parameters';
import type { PlaneData } from './data/data';
import type { ClassCondition } from './dit';
import { exactDenoiser } from './exactDenoiser';
import { network, sampleShape, type NetworkShape } from './network';
import { preconditionings, type PreconditioningName } from './process/preconditioning';

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
    classes: shape.kind === 'dit' ? shape.classes : 0,
    exact: false,
    apply: (input, label, _level, condition) => network(source, shape, input, label, labelSpan, condition),
  };
}

/** The ideal denoiser of a density in the plane. */
export function exactModel({ mixture }: PlaneData): SampledModel {
  return {
    sample: [2],
    classes: 0,
    exact: true,
    apply: (input, _label, level) => exactDenoiser(mixture, input, level),
  };
}
