/**
 * The noising formula x(t) = s(t) (x₀ + σ(t) ε) of each framework: σ as a function of time, its inverse, and s as a function of σ
 * (Karras et al. 2022, table 1; flow matching with t = 0 at the data).
 */
import { hostArithmetic, type Arithmetic } from './arithmetic';
import { TABLES, type Constants, type ConstantsOf } from './constants';
import { iddpmSigma, iddpmTable } from './iddpmTable';

export type ScheduleName = 'vp' | 've' | 'iddpm' | 'edm' | 'flow';

/** dx/dt = state·x + denoised·D of the probability-flow ODE, x in the scaled state. */
export interface Slope {
  readonly state: number;
  readonly denoised: number;
}

export interface Schedule {
  sigma<T>(a: Arithmetic<T>, t: T | number, c: ConstantsOf<T>): T;
  time<T>(a: Arithmetic<T>, sigma: T | number, c: ConstantsOf<T>): T;
  /** s as a function of σ. */
  scale<T>(a: Arithmetic<T>, sigma: T | number): T;
  /** (σ̇/σ + ṡ/s) x − (σ̇ s/σ) D, t > 0. */
  slope(t: number, c: Constants): Slope;
}

const one = <T>(a: Arithmetic<T>, sigma: T | number): T => a.add(a.mul(sigma, 0), 1);

const edm: Schedule = {
  sigma: (a, t) => a.mul(t, 1),
  time: (a, sigma) => a.mul(sigma, 1),
  scale: one,
  slope: (t) => ({ state: 1 / t, denoised: -1 / t }),
};

export const schedules: Readonly<Record<ScheduleName, Schedule>> = {
  edm,
  vp: {
    // √(exp(½β_d t² + β_min t) − 1)
    sigma: (a, t, c) => a.sqrt(a.expm1(a.mul(t, a.add(a.mul(a.mul(c.betaD, 0.5), t), c.betaMin)))),
    // (√(β_min² + 2β_d L) − β_min)/β_d with L = ln(1 + σ²), written without the difference
    time: (a, sigma, c) => {
      const l = a.log1p(a.mul(sigma, sigma));
      const root = a.sqrt(a.add(a.mul(c.betaMin, c.betaMin), a.mul(a.mul(c.betaD, 2), l)));
      return a.div(a.mul(l, 2), a.add(root, c.betaMin));
    },
    scale: (a, sigma) => a.div(1, a.sqrt(a.add(a.mul(sigma, sigma), 1))),
    // σ̇/σ = ½β (1 + 1/σ²), ṡ/s = −½β
    slope: (t, c) => {
      const beta = c.betaMin + c.betaD * t;
      const sigma = schedules.vp.sigma(hostArithmetic, t, c);
      return {
        state: (0.5 * beta) / sigma ** 2,
        denoised: (-0.5 * beta * Math.sqrt(1 + sigma ** 2)) / sigma ** 2,
      };
    },
  },
  ve: {
    sigma: (a, t) => a.sqrt(t),
    time: (a, sigma) => a.mul(sigma, sigma),
    scale: one,
    slope: (t) => ({ state: 0.5 / t, denoised: -0.5 / t }),
  },
  // In sampling σ = t, as EDM runs it; the table is where its levels come from.
  iddpm: edm,
  flow: {
    sigma: (a, t) => a.div(t, a.sub(1, t)),
    time: (a, sigma) => a.div(sigma, a.add(sigma, 1)),
    scale: (a, sigma) => a.div(1, a.add(sigma, 1)),
    slope: (t) => ({ state: 1 / t, denoised: -1 / t }),
  },
};

/** The entry of iDDPM's table nearest to σ. */
export function roundToTable<T>(a: Arithmetic<T>, sigma: T | number): T {
  return iddpmSigma(a, a.nearest(iddpmTable, sigma));
}

/** A noise level: x = signal·x₀ + noise·ε at time t, σ = noise/signal. Flow matching at t = 1 has signal 0 and σ infinite. */
export interface Level {
  readonly time: number;
  readonly sigma: number;
  readonly signal: number;
  readonly noise: number;
}

/** The level of a schedule at σ (0 … Infinity, the latter for flow alone). */
export function levelAt(name: ScheduleName, sigma: number, c: Constants): Level {
  if (sigma === Infinity) {
    if (name !== 'flow') throw new Error(`schedule "${name}": σ is infinite; start from a finite σ_max`);
    return { time: 1, sigma, signal: 0, noise: 1 };
  }
  const signal = schedules[name].scale(hostArithmetic, sigma);
  return { time: schedules[name].time(hostArithmetic, sigma, c), sigma, signal, noise: signal * sigma };
}

/** DDPM's linear β (Ho et al. 2020), ᾱ_t for t = 0 … T−1 and σ_t = √((1 − ᾱ)/ᾱ); both ends scale by 1000/T (improved DDPM). */
export function ddpmLinear(T = TABLES.M): { beta: number[]; alphaBar: number[]; sigma: number[] } {
  const scale = 1000 / T;
  const [first, last] = [TABLES.betaFirst * scale, TABLES.betaLast * scale];
  const beta = Array.from({ length: T }, (_, t) => first + (T > 1 ? t / (T - 1) : 0) * (last - first));
  return { beta, ...accumulated(beta) };
}

/** Improved DDPM's cosine β (Nichol & Dhariwal 2021), at most 0.999. */
export function ddpmCosine(T: number): { beta: number[]; alphaBar: number[]; sigma: number[] } {
  const f = (u: number) => Math.cos(((u / T + 0.008) / 1.008) * (Math.PI / 2)) ** 2;
  const beta = Array.from({ length: T }, (_, t) => Math.min(1 - f(t + 1) / f(t), 0.999));
  return { beta, ...accumulated(beta) };
}

function accumulated(beta: readonly number[]): { alphaBar: number[]; sigma: number[] } {
  const alphaBar: number[] = [];
  const sigma: number[] = [];
  let logarithm = 0;
  let product = 1;
  for (const b of beta) {
    product *= 1 - b;
    // 1/ᾱ − 1 by way of the logarithm keeps its digits where ᾱ is near 1.
    logarithm += Math.log1p(-b);
    alphaBar.push(product);
    sigma.push(Math.sqrt(Math.expm1(-logarithm)));
  }
  return { alphaBar, sigma };
}
