import { defineOp, type Kernel, type KernelArgs } from '../op';
import { ShapeError, type Tensor } from '../tensor';

/** Betas of Adam, for the bias corrections. */
interface Betas {
  readonly beta1: number;
  readonly beta2: number;
}

/**
 * Flat gradients [P], learning rate [], weight decay [], step u32 [] (updates done), clip [] → norm [] and settings [5] for adamw. Two
 * dispatches: sums of squares in stretches, then all scalars.
 */
export const gradientNormOp = defineOp<Betas>({
  name: 'gradientNorm',
  infer: (inputs, { beta1, beta2 }) => {
    const [gradients, ...scalars] = inputs;
    if (!gradients || scalars.length !== 4 || scalars.some((t) => t.shape.length > 0) || inputs[3]?.dtype !== 'u32') {
      throw new ShapeError(
        'gradientNorm',
        'takes gradients [P] and the scalars [] learning rate, weight decay, step (u32) and clip',
        inputs,
      );
    }
    if (!(beta1 > 0 && beta1 < 1 && beta2 > 0 && beta2 < 1)) {
      throw new ShapeError('gradientNorm', `betas are ${beta1} and ${beta2}; use numbers between 0 and 1`);
    }
    return [
      { shape: [], dtype: 'f32' },
      { shape: [5], dtype: 'f32' },
    ];
  },
  kernels: normKernels,
});

function normKernels({ inputs, outputs, attrs, device, scratch }: KernelArgs<Betas>): Kernel[] {
  const [gradients, learningRate, weightDecay, step, clip] = inputs;
  const [norm, settings] = outputs;
  if (!gradients || !learningRate || !weightDecay || !step || !clip || !norm || !settings) return [];
  const count = gradients.size;
  const software = device.deviceClass === 'software';
  const serial = software && count % 4 === 0;
  const stretch = Math.max(64, Math.ceil(count / (software ? 128 : 256) / 64) * 64);
  const parts = Math.ceil(count / stretch);
  const partials = scratch([parts]);
  const uniform = { count, parts, stretch, logBeta1: Math.log(attrs.beta1), logBeta2: Math.log(attrs.beta2) };
  return [
    {
      shader: 'gradientNorm',
      entry: serial ? 'sumSquaresSerial' : 'sumSquares',
      constants: serial ? {} : { LANES: software ? 8 : 256 },
      uniform,
      bindings: serial ? { gradients4: gradients, partials } : { gradients, partials },
      workgroups: [serial ? Math.ceil(parts / 8) : parts],
      flops: 2 * count,
    },
    {
      shader: 'gradientNorm',
      entry: 'makeSettings',
      constants: { LANES: software ? 1 : 64 },
      uniform,
      bindings: { sums: partials, learningRate, weightDecay, stepCount: step, clip, norm, settings },
      workgroups: [1],
    },
  ];
}

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
