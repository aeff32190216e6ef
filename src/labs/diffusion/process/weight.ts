/** Loss weights λ(σ) on ‖D − x₀‖²: what the plain squared error of each prediction amounts to. */
import type { Arithmetic } from './arithmetic';
import type { ConstantsOf } from './constants';

/** By what is predicted: ε (VP, VE, iDDPM; SNR), EDM's F, velocity, v (SNR + 1), x₀. */
export type WeightName = 'epsilon' | 'edm' | 'velocity' | 'v' | 'x0';

type Weight = <T>(a: Arithmetic<T>, sigma: T | number, c: ConstantsOf<T>) => T;

const snr: Weight = (a, sigma) => a.div(1, a.mul(sigma, sigma));

export const weights: Readonly<Record<WeightName, Weight>> = {
  epsilon: snr,
  // (σ² + σ_d²)/(σ σ_d)²
  edm: (a, sigma, c) => a.add(snr(a, sigma, c), a.div(1, a.mul(c.sigmaData, c.sigmaData))),
  // ((1 + σ)/σ)²
  velocity: (a, sigma) => {
    const root = a.add(a.div(1, sigma), 1);
    return a.mul(root, root);
  },
  v: (a, sigma, c) => a.add(snr(a, sigma, c), 1),
  x0: (a, sigma) => a.add(a.mul(sigma, 0), 1),
};
