import { defineOp, type Kernel, type KernelArgs } from '../op';
import { sameShape, ShapeError, type Node, type Tensor, type TensorSpec } from '../tensor';
import { lineGrid } from './grid';

interface AdamWAttrs {
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
}

/** Changes parameters, firstMoment and secondMoment [P] in place, from gradients [P], groups [P/64, 2] and gradientNorm's settings [5]. */
export const adamwOp = defineOp<AdamWAttrs>({
  name: 'adamw',
  mutates: [0, 2, 3],
  infer: (inputs) => {
    if (inputs.length !== 6) {
      throw new ShapeError('adamw', 'takes parameters, gradients, two moments, groups and settings', inputs);
    }
    return checkBuffers('adamw', inputs);
  },
  kernels: (args) => updateKernels(args),
});

/** As adamw, and keeps average [P] (a state) at averageDecay [] of itself and the rest of the new parameters, in the same dispatch. */
export const adamwAverageOp = defineOp<AdamWAttrs>({
  name: 'adamwAverage',
  mutates: [0, 2, 3, 6],
  infer: (inputs) => {
    const [parameters] = inputs;
    const average = inputs[6];
    if (inputs.length !== 8 || !parameters || !average || !sameShape(average.shape, parameters.shape)) {
      throw new ShapeError(
        'adamwAverage',
        'takes parameters, gradients, two moments, groups, settings, average [P] and its decay []',
        inputs,
      );
    }
    return checkBuffers('adamwAverage', inputs);
  },
  kernels: (args) => updateKernels(args),
});

function checkBuffers(op: string, inputs: readonly Tensor[]): readonly TensorSpec[] {
  const [parameters, gradients, firstMoment, secondMoment, groups, settings] = inputs;
  const flat = [gradients, firstMoment, secondMoment];
  const size = parameters?.shape[0] ?? 0;
  if (
    parameters?.shape.length !== 1 ||
    size % 64 !== 0 ||
    !flat.every((t) => t && sameShape(t.shape, parameters.shape))
  ) {
    throw new ShapeError(op, 'parameters, gradients and moments must all be [P], P a multiple of 64', inputs);
  }
  if (!groups || !settings || !sameShape(groups.shape, [size / 64, 2]) || !sameShape(settings.shape, [5])) {
    throw new ShapeError(op, `groups must be [${size / 64}, 2], and settings [5] as gradientNorm makes them`, inputs);
  }
  return [];
}

function updateKernels({ inputs, attrs: { beta1, beta2, eps } }: KernelArgs<AdamWAttrs>): Kernel[] {
  const [parameters, gradients, firstMoment, secondMoment, groups, settings, average, averageDecay] = inputs;
  if (!parameters || !gradients || !firstMoment || !secondMoment || !groups || !settings) return [];
  const { workgroups, count, width } = lineGrid(parameters.size / 4);
  return [
    {
      shader: 'adamw',
      entry: average ? 'updateAverage' : 'update',
      uniform: { count, width, beta1, beta2, rest1: 1 - beta1, rest2: 1 - beta2, eps },
      bindings: {
        parameters,
        gradients,
        firstMoment,
        secondMoment,
        groups,
        settings,
        ...(average && averageDecay && { average, averageDecay }),
      },
      workgroups,
      flops: parameters.size * (average ? 15 : 12),
      bytes: parameters.size * 4 * (average ? 9 : 7),
    },
  ];
}

export interface AdamWInputs {
  readonly parameters: Tensor;
  readonly gradients: Tensor;
  readonly firstMoment: Tensor;
  readonly secondMoment: Tensor;
  /** Per block of 64 elements the factors of learning rate and weight decay: [P/64, 2]. */
  readonly groups: Tensor;
  /** Of gradientNorm, with the same betas. */
  readonly settings: Tensor;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps?: number;
  /** A moving average of the parameters to keep in the same dispatch: the state [P] and its decay []. */
  readonly average?: { readonly state: Tensor; readonly decay: Tensor };
}

/**
 * One AdamW update of all parameters as an effect, as torch.optim.AdamW after clip_grad_norm_ (Loshchilov & Hutter 2019). All
 * flat buffers are states [P], P a multiple of 64. A gradient whose norm is not finite changes nothing. Throws ShapeError.
 */
export function adamW(inputs: AdamWInputs): Node {
  const { parameters, gradients, firstMoment, secondMoment, groups, settings, average } = inputs;
  const attrs = { beta1: inputs.beta1, beta2: inputs.beta2, eps: inputs.eps ?? 1e-8 };
  const flat = [parameters, gradients, firstMoment, secondMoment, groups, settings];
  return average ? adamwAverageOp.node([...flat, average.state, average.decay], attrs) : adamwOp.node(flat, attrs);
}
