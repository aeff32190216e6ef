/** How a trajectory is sampled; what each name means stands in samplers.ts. */
export type SamplerName =
  'euler' | 'heun' | 'midpoint' | 'ralston' | 'ancestral' | 'ddpmSmall' | 'ddpmLarge' | 'ddim' | 'dpmpp2m';

export interface SamplerSettings {
  readonly name: SamplerName;
  /** Steps from noise to data; the number of network evaluations follows (Heun: 2N − 1). */
  readonly steps: number;
  /** Variable in which Euler and second-order steps are straight: σ with the state x/s, or the time of the schedule with x. */
  readonly variable: 'sigma' | 'time';
  /** DDIM: 0 deterministic, 1 ancestral. */
  readonly eta: number;
  /** Stochastic churn (Karras et al. 2022, algorithm 2) before Euler and second-order steps; 0 for none. */
  readonly churn: number;
  readonly churnMin: number;
  readonly churnMax: number;
  readonly churnNoise: number;
  /** Exponent of EDM's grid. */
  readonly rho: number;
  /** Shift h of flow times, t' = ht/(1 + (h − 1)t). */
  readonly shift: number;
  /** DPM-Solver++: the last step to σ > 0 is of first order. */
  readonly lowerOrderFinal: boolean;
  /** Whether the last level is 0. */
  readonly endAtZero: boolean;
  /** w of D_uncond + w (D_cond − D_uncond); 1 is plain conditional sampling. */
  readonly guidance: number;
}

export const DEFAULT_SAMPLER: SamplerSettings = {
  name: 'heun',
  steps: 18,
  variable: 'sigma',
  eta: 0,
  churn: 0,
  churnMin: 0.05,
  churnMax: 50,
  churnNoise: 1.003,
  rho: 7,
  shift: 1,
  lowerOrderFinal: true,
  endAtZero: true,
  guidance: 1,
};
