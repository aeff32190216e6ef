import { defineOp } from '../op';
import { ShapeError, type Node, type Tensor } from '../tensor';
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
    const [parameters] = inputs;
    const size = parameters?.shape[0] ?? 0;
    if (inputs.length !== 6 || size % 64 !== 0) {
      throw new ShapeError(
        'adamw',
        'takes parameters, gradients, two moments [P], groups [P/64, 2] and settings; P divides by 64',
        inputs,
      );
    }
    return [];
  },
  kernels: ({ inputs: [parameters, gradients, firstMoment, secondMoment, groups, settings], attrs }) => {
    if (!parameters || !gradients || !firstMoment || !secondMoment || !groups || !settings) return [];
    const { workgroups, count, width } = lineGrid(parameters.size / 4);
    const bindings = { parameters, gradients, firstMoment, secondMoment, groups, settings };
    return [
      {
        shader: 'adamw',
        entry: 'update',
        uniform: { count, width, ...attrs },
        bindings,
        workgroups,
        flops: parameters.size * 12,
      },
    ];
  },
});

export interface AdamWInputs {
  readonly parameters: Tensor;
  readonly gradients: Tensor;
  readonly firstMoment: Tensor;
  readonly secondMoment: Tensor;
  readonly groups: Tensor;
  readonly settings: Tensor;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps?: number;
}

/** One AdamW update of all parameters as an effect, as torch.optim.AdamW after clip_grad_norm_. */
export function adamW({
  parameters,
  gradients,
  firstMoment,
  secondMoment,
  groups,
  settings,
  beta1,
  beta2,
  eps = 1e-8,
}: AdamWInputs): Node {
  return adamwOp.node([parameters, gradients, firstMoment, secondMoment, groups, settings], { beta1, beta2, eps });
}
