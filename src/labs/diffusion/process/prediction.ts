/**
 * Predictions and their conversions, by way of the denoised estimate D (x₀): for x = α x₀ + β ε with α = signal, β = noise, any scale. Each
 * is linear in D and x.
 */
import type { Arithmetic } from './arithmetic';
import type { ConstantsOf } from './constants';
import { preconditionings, type Amplitudes } from './preconditioning';

/**
 * x0; epsilon = (x − αD)/β; score = ∇ log p(x) of the state as scaled = −ε/β; v = (αε − βx₀)/√(α² + β²), the VP pair's velocity;
 * velocity = ε − x₀ of flow matching; edm = F under EDM's preconditioning.
 */
export type PredictionName = 'x0' | 'epsilon' | 'score' | 'v' | 'velocity' | 'edm';

/** Prediction = state·x + denoised·D. */
interface Linear<T> {
  readonly state: T;
  readonly denoised: T;
}

type Coefficients = <T>(a: Arithmetic<T>, x: Amplitudes<T>, c: ConstantsOf<T>) => Linear<T>;

const epsilon: Coefficients = (a, { signal, noise }) => ({
  state: a.div(1, noise),
  denoised: a.mul(a.div(signal, noise), -1),
});

function unitVariance(name: 'v' | 'edm' | 'flow'): Coefficients {
  // D = skip·x + out·F the other way round.
  return (a, x, c) => {
    const { skip, out } = preconditionings[name].coefficients(a, x, c);
    return { state: a.div(a.mul(skip, -1), out), denoised: a.div(1, out) };
  };
}

const predictions: Readonly<Record<PredictionName, Coefficients>> = {
  x0: (a, { noise }) => ({ state: a.mul(noise, 0), denoised: a.add(a.mul(noise, 0), 1) }),
  epsilon,
  score: (a, x, c) => {
    const { state, denoised } = epsilon(a, x, c);
    return { state: a.mul(a.div(state, x.noise), -1), denoised: a.mul(a.div(denoised, x.noise), -1) };
  },
  v: unitVariance('v'),
  velocity: unitVariance('flow'),
  edm: unitVariance('edm'),
};

/** What a network of this prediction would say where the denoised estimate is D. noise > 0. */
export function fromDenoised<T>(
  a: Arithmetic<T>,
  name: PredictionName,
  denoised: T,
  x: T,
  amplitudes: Amplitudes<T>,
  c: ConstantsOf<T>,
): T {
  const p = predictions[name](a, amplitudes, c);
  return a.add(a.mul(p.state, x), a.mul(p.denoised, denoised));
}

/** The denoised estimate from a prediction. noise > 0. */
export function toDenoised<T>(
  a: Arithmetic<T>,
  name: PredictionName,
  prediction: T,
  x: T,
  amplitudes: Amplitudes<T>,
  c: ConstantsOf<T>,
): T {
  const p = predictions[name](a, amplitudes, c);
  return a.div(a.sub(prediction, a.mul(p.state, x)), p.denoised);
}
