/** The lab's controls as the process and the model want them. */
import type { Config } from '../../train/control';
import { AS_FRAMEWORK } from './cells';
import type { DiffusionData } from './data/data';
import type { NetworkShape } from './network';
import type { Constants } from './process/constants';
import { frameworks, type FrameworkName, type Process } from './process/framework';
import type { GridName } from './process/grid';
import { settleProcess } from './process/limits';
import type { NoiseName } from './process/noise';
import type { PreconditioningName } from './process/preconditioning';
import type { SamplerName, SamplerSettings } from './process/samplerSettings';
import type { ScheduleName } from './process/schedule';
import type { WeightName } from './process/weight';

export interface DiffusionSettings {
  readonly process: Process;
  readonly network: NetworkShape;
  readonly batch: number;
  /** Images are mirrored half of the time. */
  readonly flip: boolean;
  /** Share of the classes that are dropped in training, for guidance. */
  readonly classDropout: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly warmup: number;
  readonly steps: number;
  readonly clip: number;
  readonly averageDecay: number;
  readonly seed: number;
}

function number(config: Config, id: string): number {
  const value = config[id];
  if (typeof value !== 'number') throw new Error(`setting "${id}": is ${String(value)}; give a number`);
  return value;
}

/** A cell's own choice, else the framework's. */
function cell<Name extends string>(config: Config, id: string, framework: Name): Name {
  const chosen = config[id];
  return chosen === undefined || chosen === AS_FRAMEWORK ? framework : (chosen as Name);
}

/** 0 leaves a number to the framework. */
const orElse = (value: number, framework: number): number => (value === 0 ? framework : value);

/** The process that a config asks for, brought within its limits; `sigmaData` is the data's own, which the control may override. */
export function processOf(config: Config, sigmaData: number): Process {
  return settleProcess(askedProcess(config, sigmaData)).process;
}

/** The process as the controls have it, possible or not. */
export function askedProcess(config: Config, sigmaData: number): Process {
  const base = frameworks[config['framework'] as FrameworkName];
  return {
    schedule: cell<ScheduleName>(config, 'schedule', base.schedule),
    preconditioning: cell<PreconditioningName>(config, 'precond', base.preconditioning),
    weight: cell<WeightName>(config, 'weight', base.weight),
    noise: cell<NoiseName>(config, 'noise', base.noise),
    grid: cell<GridName>(config, 'grid', base.grid),
    sampler: samplerOf(config, base.sampler),
    constants: constantsOf(config, base.constants, sigmaData),
  };
}

function samplerOf(config: Config, base: SamplerSettings): SamplerSettings {
  return {
    ...base,
    name: cell<SamplerName>(config, 'sampler', base.name),
    variable: cell<SamplerSettings['variable']>(config, 'variable', base.variable),
    steps: number(config, 'nsteps'),
    rho: number(config, 'rho'),
    shift: number(config, 'shift'),
    eta: number(config, 'eta'),
    churn: number(config, 'churn'),
    churnMin: number(config, 'churnmin'),
    churnMax: number(config, 'churnmax'),
    churnNoise: number(config, 'churnnoise'),
    guidance: number(config, 'guidance'),
  };
}

function constantsOf(config: Config, base: Constants, sigmaData: number): Constants {
  return {
    ...base,
    sigmaData: orElse(number(config, 'sdata'), sigmaData),
    sigmaMin: orElse(number(config, 'smin'), base.sigmaMin),
    sigmaMax: orElse(number(config, 'smax'), base.sigmaMax),
    pMean: number(config, 'pmean'),
    pStd: number(config, 'pstd'),
  };
}

/** Throws with the setting and the fix where the controls do not fit each other. */
export function settingsOf(config: Config, data: DiffusionData): DiffusionSettings {
  const network = networkOf(config, data);
  checkNetwork(network);
  return {
    process: processOf(config, data.sigmaData),
    network,
    batch: number(config, 'batch'),
    flip: config['flip'] === true && data.kind === 'pictures',
    classDropout: number(config, 'drop'),
    learningRate: number(config, 'lr'),
    weightDecay: number(config, 'decay'),
    warmup: number(config, 'warmup'),
    steps: number(config, 'steps'),
    clip: number(config, 'clip'),
    averageDecay: number(config, 'ema'),
    seed: number(config, 'seed'),
  };
}

function networkOf(config: Config, data: DiffusionData): NetworkShape {
  if (data.kind === 'plane')
    return { kind: 'mlp', inputs: 2, width: number(config, 'width'), depth: number(config, 'depth') };
  const { channels, size, classes } = data.set;
  const told = config['cond'] === true && classes.length > 1 ? classes.length : 0;
  if (config['net'] === 'unet')
    return {
      kind: 'unet',
      channels,
      size,
      width: number(config, 'uwidth'),
      levels: number(config, 'ulevels'),
      blocks: number(config, 'ublocks'),
      attention: config['uattention'] === true,
      classes: told,
    };
  return {
    kind: 'dit',
    channels,
    size,
    patch: number(config, 'patch'),
    width: number(config, 'dwidth'),
    depth: number(config, 'ddepth'),
    heads: number(config, 'heads'),
    classes: told,
  };
}

function checkNetwork(shape: NetworkShape): void {
  if (shape.kind !== 'dit') return;
  const { size, patch, width, heads } = shape;
  if (size % patch !== 0)
    throw new Error(`patch size ${patch} does not divide the image's ${size} pixels; choose one that does`);
  if (width % 4 !== 0 || width % heads !== 0)
    throw new Error(`width ${width} must divide by 4 and by its ${heads} heads; change one of them`);
}
