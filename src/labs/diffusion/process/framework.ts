/**
 * The table: what each framework chooses for every cell (Karras et al. 2022, table 1, with flow matching as one more row). A cell is a
 * name that a setting can replace on its own; its formula stands in the file of its column.
 */
import { DEFAULT_CONSTANTS, type Constants } from './constants';
import type { GridName } from './grid';
import type { NoiseName } from './noise';
import type { PreconditioningName } from './preconditioning';
import type { ScheduleName } from './schedule';
import { DEFAULT_SAMPLER, type SamplerSettings } from './samplerSettings';
import type { WeightName } from './weight';

export type FrameworkName = 'vp' | 've' | 'iddpm' | 'edm' | 'flow';

/** A process: one choice for each cell. */
export interface Process {
  /** s(t) and σ(t). */
  readonly schedule: ScheduleName;
  /** c_skip, c_out, c_in, c_noise. */
  readonly preconditioning: PreconditioningName;
  /** λ(σ). */
  readonly weight: WeightName;
  /** p_train(σ). */
  readonly noise: NoiseName;
  /** Levels that the sampler visits. */
  readonly grid: GridName;
  readonly sampler: SamplerSettings;
  readonly constants: Constants;
}

const sampler = (change: Partial<SamplerSettings>): SamplerSettings => ({ ...DEFAULT_SAMPLER, ...change });
const constants = (change: Partial<Constants>): Constants => ({ ...DEFAULT_CONSTANTS, ...change });

export const frameworks: Readonly<Record<FrameworkName, Process>> = {
  // Score SDE's VP (DDPM in continuous time; Ho et al. 2020, Song et al. 2021)
  vp: {
    schedule: 'vp',
    preconditioning: 'vp',
    weight: 'epsilon',
    noise: 'vpTime',
    grid: 'vpTime',
    sampler: sampler({ name: 'euler', variable: 'time' }),
    constants: constants({ sigmaMin: 0.002, sigmaMax: 152 }),
  },
  // Score matching (NCSN++; Song et al. 2021), ranges for data in [−1, 1]
  ve: {
    schedule: 've',
    preconditioning: 've',
    weight: 'epsilon',
    noise: 'logUniform',
    grid: 'geometric',
    sampler: sampler({ name: 'euler', variable: 'time' }),
    constants: constants({ sigmaMin: 0.02, sigmaMax: 100 }),
  },
  // Improved DDPM with DDIM's sampler, which is Euler in σ (Nichol & Dhariwal 2021; Song et al. 2021)
  iddpm: {
    schedule: 'iddpm',
    preconditioning: 'iddpm',
    weight: 'epsilon',
    noise: 'iddpmTable',
    grid: 'iddpmTable',
    sampler: sampler({ name: 'ddim' }),
    constants: constants({ sigmaMin: 0.002, sigmaMax: 81 }),
  },
  // Karras et al. 2022
  edm: {
    schedule: 'edm',
    preconditioning: 'edm',
    weight: 'edm',
    noise: 'logNormal',
    grid: 'edm',
    sampler: sampler({ name: 'heun' }),
    constants: constants({}),
  },
  // Rectified flow (Lipman et al. 2023, Liu et al. 2023), uniform time
  flow: {
    schedule: 'flow',
    preconditioning: 'flow',
    weight: 'velocity',
    noise: 'uniformTime',
    grid: 'flowTime',
    sampler: sampler({ name: 'euler', variable: 'time' }),
    constants: constants({}),
  },
};
