/** The noise levels that a sampler visits, σ₀ > σ₁ > … (Karras et al. 2022, table 1; DDIM; DPM-Solver; flow matching). Host only. */
import { hostArithmetic } from './arithmetic';
import { TABLES, type Constants } from './constants';
import { iddpmTable } from './iddpmTable';
import { ddpmLinear, schedules } from './schedule';
import type { SamplerSettings } from './samplerSettings';

/**
 * edm: (σ_max^{1/ρ} + i/(N−1) (σ_min^{1/ρ} − σ_max^{1/ρ}))^ρ; vpTime: uniform in VP's t from 1 to ε_s; geometric: uniform in ln σ (VE, and
 * DPM-Solver's "logSNR"); iddpmTable: entries of the table in the range; ddimUniform, ddimQuadratic: DDPM's linear steps 0, T/S, 2T/S, …
 * or spaced quadratically; flowTime: t = 1 − i/N, shifted.
 */
export type GridName = 'edm' | 'vpTime' | 'geometric' | 'iddpmTable' | 'ddimUniform' | 'ddimQuadratic' | 'flowTime';

type Options = Pick<SamplerSettings, 'steps' | 'rho' | 'shift'>;
type Grid = (options: Options, c: Constants, startsAtInfinity: boolean) => number[];

/** N numbers from 0 to 1; 0 alone for N = 1. */
function fractions(count: number): number[] {
  return Array.from({ length: count }, (_, i) => (count > 1 ? i / (count - 1) : 0));
}

/** Of an unshifted flow time, the shifted one (as larger images want it; Esser et al. 2024). */
export function shiftedTime(t: number, shift: number): number {
  return (shift * t) / (1 + (shift - 1) * t);
}

const grids: Readonly<Record<GridName, Grid>> = {
  edm: ({ steps, rho }, { sigmaMin, sigmaMax }) => {
    const [from, to] = [sigmaMax ** (1 / rho), sigmaMin ** (1 / rho)];
    return fractions(steps).map((f) => (from + f * (to - from)) ** rho);
  },
  vpTime: ({ steps }, c) =>
    fractions(steps).map((f) => schedules.vp.sigma(hostArithmetic, 1 + f * (c.epsilonS - 1), c)),
  geometric: ({ steps }, { sigmaMin, sigmaMax }) => fractions(steps).map((f) => sigmaMax * (sigmaMin / sigmaMax) ** f),
  iddpmTable: ({ steps }, { sigmaMin, sigmaMax }) => {
    const kept = iddpmTable.filter((u) => u >= sigmaMin && u <= sigmaMax);
    return fractions(steps).map((f) => kept[Math.floor((kept.length - 1) * f + 0.5)] ?? 0);
  },
  ddimUniform: ({ steps }) => {
    const stride = Math.floor(TABLES.M / steps);
    const { sigma } = ddpmLinear();
    return Array.from({ length: steps }, (_, i) => sigma[(steps - 1 - i) * stride] ?? 0);
  },
  ddimQuadratic: ({ steps }) => {
    const { sigma } = ddpmLinear();
    const end = Math.sqrt(0.8 * TABLES.M);
    return fractions(steps).map((f) => sigma[Math.floor((end * (steps > 1 ? 1 - f : 1)) ** 2)] ?? 0);
  },
  flowTime: ({ steps, shift }, { sigmaMax }, startsAtInfinity) => {
    // Shifting multiplies σ by h: the first time is chosen so that its shifted one has σ_max.
    const first = startsAtInfinity ? 1 : sigmaMax / (shift + sigmaMax);
    return Array.from({ length: steps }, (_, i) => {
      const t = shiftedTime(first * (1 - i / steps), shift);
      return t === 1 ? Infinity : t / (1 - t);
    });
  },
};

/**
 * σ of each level, descending, without a final 0: N of them for N steps that end at 0. With `startsAtInfinity` flow times begin at t = 1,
 * else at σ_max. Levels that a table holds twice come once.
 */
export function gridSigmas(name: GridName, options: Options, c: Constants, startsAtInfinity = false): number[] {
  const sigmas = grids[name](options, c, startsAtInfinity);
  return sigmas.filter((sigma, i) => sigma > 0 && (i === 0 || sigma < (sigmas[i - 1] ?? 0)));
}
