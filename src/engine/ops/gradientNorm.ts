import { defineOp, type Kernel } from '../op';
import { ShapeError, sizeOf, type Tensor } from '../tensor';

const PARTS = 128;

/** Betas of Adam, for the bias corrections. */
interface Betas {
  readonly beta1: number;
  readonly beta2: number;
}

/**
 * Flat gradients [P], learning rate [], weight decay [], step u32 [], clip [] → norm [] and settings [5] for adamw. Two dispatches: sums of
 * squares in stretches, then one invocation for all scalars.
 */
export const gradientNormOp = defineOp<Betas>({
  name: 'gradientNorm',
  infer: (inputs) => {
    if (inputs.length !== 5 || inputs[3]?.dtype !== 'u32') {
      throw new ShapeError(
        'gradientNorm',
        'takes gradients [P], learning rate, weight decay, step (u32) and clip',
        inputs,
      );
    }
    return [
      { shape: [], dtype: 'f32' },
      { shape: [5], dtype: 'f32' },
    ];
  },
  kernels: ({
    inputs: [gradients, learningRate, weightDecay, step, clip],
    outputs: [norm, settings],
    attrs,
    scratch,
  }) => {
    if (!gradients || !learningRate || !weightDecay || !step || !clip || !norm || !settings) return [];
    const count = sizeOf(gradients.shape);
    const stretch = Math.max(64, Math.ceil(count / PARTS / 64) * 64);
    const parts = Math.ceil(count / stretch);
    const partials = scratch([parts]);
    const uniform = { count, parts, stretch, ...attrs };
    const squares: Kernel = {
      shader: 'gradientNorm',
      entry: 'sumSquares',
      uniform,
      bindings: { gradients, partials },
      workgroups: [parts],
      flops: 2 * count,
    };
    const scalars: Kernel = {
      shader: 'gradientNorm',
      entry: 'makeSettings',
      uniform,
      bindings: { sums: partials, learningRate, weightDecay, step, clip, norm, settings },
      workgroups: [1],
    };
    return [squares, scalars];
  },
});

export interface NormInputs extends Betas {
  readonly gradients: Tensor;
  readonly learningRate: Tensor;
  readonly weightDecay: Tensor;
  readonly step: Tensor;
  /** Largest norm; 0 or less for no clipping. */
  readonly clip: Tensor;
}

/** Global norm of the gradient [] and AdamW's settings of this step [5]. */
export function gradientNorm({ gradients, learningRate, weightDecay, step, clip, beta1, beta2 }: NormInputs): {
  norm: Tensor;
  settings: Tensor;
} {
  const [norm, settings] = gradientNormOp.apply([gradients, learningRate, weightDecay, step, clip], { beta1, beta2 });
  if (!norm || !settings) throw new Error('gradientNorm: no outputs');
  return { norm, settings };
}
