/**
 * Samplers as linear combinations: from a level to the next, what each network evaluation adds up. Written for x = α x₀ + β ε (α = signal,
 * β = noise, σ = β/α), so that one text serves the unscaled state (α = 1), VP and flow matching, and holds at α = 0. D is the denoised
 * estimate at the evaluated level, s what an earlier evaluation saved.
 */
import { hostArithmetic } from './arithmetic';
import type { Constants } from './constants';
import type { SamplerSettings } from './samplerSettings';
import { levelAt, schedules, type Level, type ScheduleName } from './schedule';

/** x' = state·x + denoised·D + saved·s + fresh·z at level `to`; s' = saves.state·x + saves.denoised·D. */
export interface Stage {
  readonly at: Level;
  readonly to: Level;
  readonly state: number;
  readonly denoised: number;
  readonly saved?: number;
  readonly fresh?: number;
  readonly saves?: { readonly state: number; readonly denoised: number };
}

export interface StepContext {
  readonly from: Level;
  readonly to: Level;
  /** Level of the step before, undefined in the first. */
  readonly before: Level | undefined;
  readonly isLast: boolean;
  readonly schedule: ScheduleName;
  readonly settings: SamplerSettings;
  readonly constants: Constants;
}

/** σ'/σ, which is 0 from an infinite σ. */
function ratio({ from, to }: StepContext): number {
  return (to.noise * from.signal) / (from.noise * to.signal);
}

/** Euler in σ, the state unscaled: x̄' = D + (σ'/σ)(x̄ − D). */
function eulerInSigma({ from, to }: StepContext): Stage {
  const state = to.noise / from.noise;
  return { at: from, to, state, denoised: to.signal - from.signal * state };
}

/** Time τ, factor κ of x, and dy/dτ = p y + q D of the variable y = κx in which a solver takes its steps. */
interface Coordinate {
  readonly tau: number;
  readonly kappa: number;
  readonly p: number;
  readonly q: number;
}

function coordinate(level: Level, { schedule, settings, constants }: StepContext): Coordinate {
  if (settings.variable === 'sigma') {
    const { sigma, signal } = level;
    return { tau: sigma, kappa: 1 / signal, p: 1 / sigma, q: -1 / sigma };
  }
  const scale = schedules[schedule].scale(hostArithmetic, level.sigma);
  const { state: p, denoised: q } = schedules[schedule].slope(level.time, constants);
  return { tau: level.time, kappa: level.sigma === Infinity ? 1 : scale / level.signal, p, q };
}

function euler(step: StepContext): Stage[] {
  if (step.settings.variable === 'sigma') return [eulerInSigma(step)];
  const [here, there] = [coordinate(step.from, step), coordinate(step.to, step)];
  const h = there.tau - here.tau;
  return [
    {
      at: step.from,
      to: step.to,
      state: ((1 + h * here.p) * here.kappa) / there.kappa,
      denoised: (h * here.q) / there.kappa,
    },
  ];
}

/**
 * Second order by two evaluations, at τ and τ + a(τ' − τ), with weights 1 − 1/2a and 1/2a: a = 1 Heun, ½ midpoint, ⅔ Ralston. Where the
 * second would stand at σ = 0, Euler.
 */
function secondOrder(a: number): (step: StepContext) => Stage[] {
  return (step) => {
    const { from, to, schedule, settings, constants } = step;
    if (a === 1 && to.sigma === 0) return euler(step);
    const [here, there] = [coordinate(from, step), coordinate(to, step)];
    const h = there.tau - here.tau;
    const tau = here.tau + a * h;
    const sigma = settings.variable === 'sigma' ? tau : schedules[schedule].sigma(hostArithmetic, tau, constants);
    const middle = a === 1 ? to : levelAt(schedule, sigma, constants);
    const half = coordinate(middle, step);
    const share = 1 - 1 / (2 * a);
    return [
      {
        at: from,
        to: middle,
        state: ((1 + a * h * here.p) * here.kappa) / half.kappa,
        denoised: (a * h * here.q) / half.kappa,
        saves: { state: (1 + h * share * here.p) * here.kappa, denoised: h * share * here.q },
      },
      {
        at: middle,
        to,
        saved: 1 / there.kappa,
        state: ((h / (2 * a)) * half.p * half.kappa) / there.kappa,
        denoised: ((h / (2 * a)) * half.q) / there.kappa,
      },
    ];
  };
}

/** x̄' = D + √(σ'² − τ²) ε̂ + τ z with τ = η σ' √(1 − σ'²/σ²) (Song, Meng & Ermon 2021, in the unscaled state). */
function ddim(step: StepContext): Stage[] {
  const { from, to, settings } = step;
  const fresh = settings.eta * to.noise * Math.sqrt(Math.max(0, 1 - ratio(step) ** 2));
  const state = Math.sqrt(Math.max(0, to.noise ** 2 - fresh ** 2)) / from.noise;
  return [{ at: from, to, state, denoised: to.signal - from.signal * state, fresh }];
}

/** x̄' = D + (σ'²/σ²)(x̄ − D): the mean of DDPM's posterior and of the ancestral sampler. */
function posteriorMean(step: StepContext): Stage {
  const { from, to } = step;
  const state = (to.noise ** 2 * from.signal) / (from.noise ** 2 * to.signal);
  return { at: from, to, state, denoised: to.signal - from.signal * state };
}

/** Score SDE's ancestral step of the VE process: noise σ' √(1 − σ'²/σ²). */
function ancestral(step: StepContext): Stage[] {
  return [{ ...posteriorMean(step), fresh: step.to.noise * Math.sqrt(Math.max(0, 1 - ratio(step) ** 2)) }];
}

/** DDPM (Ho et al. 2020), β = 1 − ᾱ/ᾱ': variance β̃ = β (1 − ᾱ')/(1 − ᾱ) or β, no noise in the last step. */
function ddpm(variance: 'small' | 'large'): (step: StepContext) => Stage[] {
  return (step) => {
    const { from, to } = step;
    // β/ᾱ' is the variance in the unscaled state, with ᾱ = 1/(1 + σ²), written so that σ may be infinite.
    const square = (l: Level) => l.signal ** 2 + l.noise ** 2;
    const beta = (from.noise ** 2 - (to.sigma * from.signal) ** 2) / square(from);
    const share =
      variance === 'small'
        ? to.noise ** 2 * (square(from) / (from.noise ** 2 * to.signal ** 2))
        : square(to) / to.signal ** 2;
    const fresh = to.sigma === 0 ? 0 : to.signal * Math.sqrt(Math.max(0, beta * share));
    return [{ ...posteriorMean(step), fresh }];
  };
}

/** DPM-Solver++(2M) (Lu et al. 2022): λ = −ln σ, D* = D + (D − D_before)/2r, r = h_before/h; first order at both ends. */
function dpmpp2m(step: StepContext): Stage[] {
  const { from, to, before, settings } = step;
  const saves = { state: 0, denoised: 1 };
  const base = { ...eulerInSigma(step), saves };
  const lowered = settings.lowerOrderFinal && step.isLast;
  if (!before || to.sigma === 0 || lowered) return [base];
  const perTwoR = Math.log(from.sigma / to.sigma) / (2 * Math.log(before.sigma / from.sigma));
  return [{ ...base, denoised: base.denoised * (1 + perTwoR), saved: -base.denoised * perTwoR }];
}

/** The stages of one step, an evaluation each. */
export const samplers: Readonly<Record<SamplerSettings['name'], (step: StepContext) => Stage[]>> = {
  euler,
  heun: secondOrder(1),
  midpoint: secondOrder(1 / 2),
  ralston: secondOrder(2 / 3),
  ancestral,
  ddpmSmall: ddpm('small'),
  ddpmLarge: ddpm('large'),
  ddim,
  dpmpp2m,
};

/** Samplers that follow the ODE's slope, which take churn and a variable of their own. */
export function followsSlope(name: SamplerSettings['name']): boolean {
  return name === 'euler' || isSecondOrder(name);
}

export function isSecondOrder(name: SamplerSettings['name']): boolean {
  return name === 'heun' || name === 'midpoint' || name === 'ralston';
}
