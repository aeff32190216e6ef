/**
 * What the network sees and what its output means: D = c_skip x̄ + c_out F(c_in x̄; c_noise). Written for x = α x₀ + β ε, of which the
 * papers' columns are the case α = 1, β = σ; so they stay finite at the end of flow matching, where α = 0.
 */
import type { Arithmetic } from './arithmetic';
import { TABLES, type ConstantsOf } from './constants';
import { iddpmTable } from './iddpmTable';
import { schedules } from './schedule';

/**
 * By framework: VP and iDDPM predict ε, VE −ε (σ times the score), EDM the mix that has unit variance, flow the velocity ε − x₀.
 * Besides, x₀ itself and v = αε − σ_v x₀ (Salimans & Ho 2022: EDM with σ_data = 1, other sign).
 */
export type PreconditioningName = 'vp' | 've' | 'iddpm' | 'edm' | 'flow' | 'x0' | 'v';

/** Amplitudes of x = signal·x₀ + noise·ε. */
export interface Amplitudes<T> {
  readonly signal: T | number;
  readonly noise: T | number;
}

/** D = skip·x + out·F(input·x); F's target is targetData·x₀ + targetNoise·ε. */
export interface Preconditioned<T> {
  readonly skip: T;
  readonly out: T;
  readonly input: T;
  readonly targetData: T;
  readonly targetNoise: T;
}

interface Preconditioning {
  coefficients<T>(a: Arithmetic<T>, x: Amplitudes<T>, c: ConstantsOf<T>): Preconditioned<T>;
  /** c_noise of σ. */
  label<T>(a: Arithmetic<T>, sigma: T | number, c: ConstantsOf<T>): T;
  /** Roughly the largest |c_noise|: what an embedding of it may divide by. */
  readonly labelSpan: number;
}

const like = <T>(a: Arithmetic<T>, x: T | number, value: number): T => a.add(a.mul(x, 0), value);

/** √(β² + σ_d² α²): the standard deviation of x. */
function spread<T>(a: Arithmetic<T>, { signal, noise }: Amplitudes<T>, sigmaData: T | number): T {
  const data = a.mul(sigmaData, signal);
  return a.sqrt(a.add(a.mul(noise, noise), a.mul(data, data)));
}

/** EDM's coefficients for F of the given sign. */
function unitVariance<T>(a: Arithmetic<T>, x: Amplitudes<T>, sigmaData: T | number, sign: 1 | -1): Preconditioned<T> {
  const s = spread(a, x, sigmaData);
  const data = a.mul(sigmaData, x.signal);
  return {
    skip: a.div(a.mul(sigmaData, data), a.mul(s, s)),
    out: a.div(a.mul(a.mul(sigmaData, x.noise), sign), s),
    input: a.div(1, s),
    targetData: a.div(a.mul(x.noise, sign), a.mul(sigmaData, s)),
    targetNoise: a.div(a.mul(data, -sign), s),
  };
}

function noisePrediction<T>(a: Arithmetic<T>, x: Amplitudes<T>, input: T, sign: 1 | -1): Preconditioned<T> {
  return {
    skip: a.div(1, x.signal),
    out: a.div(a.mul(x.noise, -sign), x.signal),
    input,
    targetData: like(a, x.noise, 0),
    targetNoise: like(a, x.noise, sign),
  };
}

const quarterLog = <T>(a: Arithmetic<T>, sigma: T | number): T => a.mul(a.log(sigma), 0.25);

export const preconditionings: Readonly<Record<PreconditioningName, Preconditioning>> = {
  vp: {
    coefficients: (a, x) => noisePrediction(a, x, a.div(1, spread(a, x, 1)), 1),
    label: (a, sigma, c) => a.mul(schedules.vp.time(a, sigma, c), TABLES.M - 1),
    labelSpan: TABLES.M,
  },
  ve: {
    coefficients: (a, x) => noisePrediction(a, x, a.div(1, x.signal), -1),
    label: (a, sigma) => a.log(a.mul(sigma, 0.5)),
    labelSpan: 4,
  },
  iddpm: {
    coefficients: (a, x) => noisePrediction(a, x, a.div(1, spread(a, x, 1)), 1),
    label: (a, sigma) => a.sub(TABLES.M - 1, a.nearest(iddpmTable, sigma)),
    labelSpan: TABLES.M,
  },
  edm: {
    coefficients: (a, x, c) => unitVariance(a, x, c.sigmaData, 1),
    label: quarterLog,
    labelSpan: 1,
  },
  flow: {
    coefficients: (a, x) => {
      const total = a.add(x.signal, x.noise);
      const input = a.div(1, total);
      return {
        skip: input,
        out: a.div(a.mul(x.noise, -1), total),
        input,
        targetData: like(a, x.noise, -1),
        targetNoise: like(a, x.noise, 1),
      };
    },
    label: (a, sigma, c) => schedules.flow.time(a, sigma, c),
    labelSpan: 1,
  },
  x0: {
    coefficients: (a, x, c) => ({
      skip: like(a, x.noise, 0),
      out: like(a, x.noise, 1),
      input: a.div(1, spread(a, x, c.sigmaData)),
      targetData: like(a, x.noise, 1),
      targetNoise: like(a, x.noise, 0),
    }),
    label: quarterLog,
    labelSpan: 1,
  },
  v: {
    coefficients: (a, x) => unitVariance(a, x, 1, -1),
    label: quarterLog,
    labelSpan: 1,
  },
};
