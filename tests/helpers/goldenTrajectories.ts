/** The golden trajectories of tests/golden/diffusion as settings of the process, for the host's test and the device's. */
import { DEFAULT_CONSTANTS } from '../../src/labs/diffusion/process/constants';
import { frameworks, type FrameworkName, type Process } from '../../src/labs/diffusion/process/framework';
import type { GridName } from '../../src/labs/diffusion/process/grid';
import type { Mixture } from '../../src/labs/diffusion/process/mixture';
import type { SamplerSettings } from '../../src/labs/diffusion/process/samplerSettings';
import { schedules, levelAt, type Level } from '../../src/labs/diffusion/process/schedule';
import { hostArithmetic } from '../../src/labs/diffusion/process/arithmetic';
import type { TrajectoryOptions } from '../../src/labs/diffusion/process/trajectory';
import file from '../golden/diffusion/trajectories.json';

const { golden } = file;

export const goldenMixture: Mixture = {
  weights: golden.mixture.w,
  means: golden.mixture.mu,
  deviations: golden.mixture.sd,
};

export interface GoldenTrajectory {
  readonly name: string;
  readonly process: Process;
  readonly options: TrajectoryOptions;
  readonly levels: readonly Level[] | undefined;
  readonly given: readonly number[];
  /** By number of steps done. */
  readonly noises: readonly (readonly number[])[] | undefined;
  readonly states: readonly (readonly number[])[];
  readonly evaluations: number | undefined;
}

interface Case {
  readonly framework: FrameworkName;
  readonly grid: GridName;
  readonly sampler: Partial<SamplerSettings>;
  readonly states: number[][];
  readonly constants?: Partial<Process['constants']>;
  /** x_unit is multiplied by β, other starts are states already. */
  readonly given?: number[];
  readonly noises?: number[][];
  readonly evaluations?: number;
}

function made(
  name: string,
  { framework, grid, sampler, states, constants, given, noises, evaluations }: Case,
): GoldenTrajectory {
  const process: Process = {
    ...frameworks[framework],
    grid,
    sampler: { ...frameworks[framework].sampler, ...sampler },
    constants: { ...frameworks[framework].constants, ...constants },
  };
  return {
    name,
    process,
    options: { start: 'givenNoise' },
    levels: undefined,
    given: given ?? golden.x_unit,
    noises,
    states,
    evaluations,
  };
}

/** Ancestral noise of step i is added when i + 1 steps are done. */
const afterSteps = (noises: number[][]): number[][] => [[0, 0], ...noises];

function startOf(states: number[][], noise: number): number[] {
  return (states[0] ?? []).map((v) => v / noise);
}

export function goldenTrajectories(): GoldenTrajectory[] {
  const g = golden;
  const edm = (sampler: Partial<SamplerSettings>, states: number[][], more: Partial<Case> = {}): Case => ({
    framework: 'edm',
    grid: 'edm',
    sampler: { steps: 6, ...sampler },
    states,
    ...more,
  });
  const { churn, smin, smax, snoise } = g.edm_heun_churn.params;
  // DDIM's and DDPM's states are those of VP, on DDPM's linear steps.
  const ddpm = (sampler: Partial<SamplerSettings>, states: number[][]): Case => ({
    framework: 'vp',
    grid: 'ddimUniform',
    sampler: { steps: 5, ...sampler },
    states,
    noises: afterSteps(g.ddim.noises),
    given: startOf(states, Math.sqrt(1 - (g.ddim.alpha_bar[0] ?? 0))),
  });
  const [longest, shortest] = [g.dpmpp_2m_vp.t[0] ?? 1, g.dpmpp_2m_vp.t.at(-1) ?? 0];
  const vpSigma = (t: number) => schedules.vp.sigma(hostArithmetic, t, DEFAULT_CONSTANTS);
  const solver = (sampler: Partial<SamplerSettings>, states: number[][]): Case => ({
    framework: 'vp',
    grid: 'geometric',
    sampler: { steps: 6, name: 'dpmpp2m', endAtZero: false, ...sampler },
    constants: { sigmaMin: vpSigma(shortest), sigmaMax: vpSigma(longest) },
    states,
    given: startOf(states, levelAt('vp', vpSigma(longest), DEFAULT_CONSTANTS).noise),
  });
  const flow = (name: 'euler' | 'midpoint' | 'heun'): Case => ({
    framework: 'flow',
    grid: 'flowTime',
    sampler: { steps: 6, name, variable: 'time' },
    states: g.flow_matching[name],
    given: g.flow_matching.start,
    evaluations: g.flow_matching.nfe[name],
  });
  const vpStart = levelAt('vp', vpSigma(1), DEFAULT_CONSTANTS).noise;
  const cases: Record<string, Case> = {
    'Euler in σ': edm({ name: 'euler' }, g.edm_euler.states, { evaluations: g.edm_euler.nfe }),
    Heun: edm({ name: 'heun' }, g.edm_heun.states, { evaluations: g.edm_heun.nfe }),
    'Heun with churn': edm(
      { name: 'heun', churn, churnMin: smin, churnMax: smax, churnNoise: snoise },
      g.edm_heun_churn.states,
      { noises: g.edm_heun_churn.noises, evaluations: g.edm_heun_churn.nfe },
    ),
    'VE ancestral': edm({ name: 'ancestral' }, g.ancestral_ve.states, { noises: afterSteps(g.ancestral_ve.noises) }),
    'DDIM, η = 0': ddpm({ name: 'ddim', eta: 0 }, g.ddim.eta0),
    'DDIM, η = ½': ddpm({ name: 'ddim', eta: g.ddim.eta_mid.eta }, g.ddim.eta_mid.states),
    'DDIM, η = 1': ddpm({ name: 'ddim', eta: 1 }, g.ddim.eta1),
    'DDPM, fixed small': ddpm({ name: 'ddpmSmall' }, g.ddpm_ancestral.fixed_small),
    'DDPM, fixed large': ddpm({ name: 'ddpmLarge' }, g.ddpm_ancestral.fixed_large),
    'DPM-Solver++(2M) in VP': solver({}, g.dpmpp_2m_vp.states),
    'DPM-Solver++(2M) in VP, second order to the end': solver(
      { lowerOrderFinal: false },
      g.dpmpp_2m_vp.states_without_lower_order_final,
    ),
    'DPM-Solver++(1) in VP': solver({ name: 'ddim' }, g.dpmpp_2m_vp.states_order1),
    'DPM-Solver++(2M) in σ': edm({ name: 'dpmpp2m' }, g.dpmpp_2m_edm.states),
    'flow Euler': flow('euler'),
    'flow midpoint': flow('midpoint'),
    'flow Heun': flow('heun'),
    'Euler in VP time': {
      framework: 'vp',
      grid: 'vpTime',
      sampler: { steps: 6, name: 'euler', variable: 'time' },
      states: g.vp_euler_in_t.states,
      given: g.vp_euler_in_t.start.map((v) => v / vpStart),
    },
  };
  return Object.entries(cases).map(([name, c]) => made(name, c));
}
