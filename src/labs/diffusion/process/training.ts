/** One training example's numbers, for the loss λ(σ) ‖D(x₀ + σε; σ) − x₀‖² written as lossWeight · ‖F − target‖². */
import type { Arithmetic } from './arithmetic';
import type { ConstantsOf } from './constants';
import type { Process } from './framework';
import { noiseDistributions } from './noise';
import { preconditionings, type Preconditioned } from './preconditioning';
import { weights } from './weight';

export interface TrainingTerms<T> extends Preconditioned<T> {
  /** c_noise: what the network's embedding takes. */
  readonly label: T;
  /** λ c_out²: with it the loss is on F, where λ ‖D − x₀‖² would cancel in f32 (λ is 250 000 at σ = 0.002). */
  readonly lossWeight: T;
}

/** Whether the process draws its noise level from a uniform u in [0, 1) or from a standard normal number. */
export function drawsFrom(process: Process): 'uniform' | 'normal' {
  return noiseDistributions[process.noise].from;
}

/** A noise level from a draw as `drawsFrom` asks for; any shape. `constants` may be knobs. */
export function drawSigma<T>(
  a: Arithmetic<T>,
  process: Process,
  draw: T,
  constants: ConstantsOf<T> = process.constants,
): T {
  return noiseDistributions[process.noise].sigma(a, draw, constants);
}

/**
 * At σ, of any shape: the network sees input·x̄ with x̄ = x₀ + σε, and label; its target is targetData·x₀ + targetNoise·ε, the loss
 * lossWeight·(F − target)²; the denoised estimate is D = skip·x̄ + out·F.
 */
export function trainingTerms<T>(
  a: Arithmetic<T>,
  process: Process,
  sigma: T,
  constants: ConstantsOf<T> = process.constants,
): TrainingTerms<T> {
  const { coefficients, label } = preconditionings[process.preconditioning];
  const made = coefficients(a, { signal: a.add(a.mul(sigma, 0), 1), noise: sigma }, constants);
  const lambda = weights[process.weight](a, sigma, constants);
  return {
    ...made,
    label: label(a, sigma, constants),
    lossWeight: a.mul(lambda, a.mul(made.out, made.out)),
  };
}
