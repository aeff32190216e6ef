/** Thousands of points at once through a sampler on the device, from noise that is a function of a seed. */
import type { Runtime } from '../../../engine/runtime';
import type { SampledModel } from '../model';
import { frameworks, type Process } from '../process/framework';
import type { SamplerSettings } from '../process/samplerSettings';
import { Sampling } from '../process/sampling';
import type { Level } from '../process/schedule';
import { makeTrajectory, trajectoryLevels } from '../process/trajectory';

/** Steps of the Heun reference that end points are compared with, on EDM's grid. */
export const REFERENCE_STEPS = 1500;

export interface PointRun {
  readonly process: Process;
  readonly seed: number;
  /** In place of the process's own grid. */
  readonly levels?: readonly Level[];
  /** Hears which share of the run is done. */
  readonly tell?: (share: number) => void;
}

interface Form {
  readonly points: number;
  /** Most network evaluations of a run. */
  readonly evaluations?: number;
  /** Steps whose states can be read. */
  readonly history?: number;
}

export class PointSampler {
  private constructor(
    private readonly sampling: Sampling,
    private readonly model: SampledModel,
    readonly signal: AbortSignal,
  ) {}

  /** Compiles the model with a sampler around it; a run throws the signal's reason soon after it is stopped. */
  static async open(
    runtime: Runtime,
    model: SampledModel,
    { points, evaluations = 2 * REFERENCE_STEPS, history = 0 }: Form,
    signal: AbortSignal,
  ): Promise<PointSampler> {
    const sampling = await Sampling.compile(runtime, {
      shape: [points, ...model.sample],
      network: (input, label, level) => model.apply(input, label, level),
      seed: 1,
      capacity: evaluations,
      history,
    });
    return new PointSampler(sampling, model, signal);
  }

  /** States [points, 2] at the last level. One seed gives one noise, whatever the sampler. */
  async ends(run: PointRun): Promise<Float32Array> {
    await this.run(run, 'nothing');
    return this.sampling.read();
  }

  /** The start and the end of a run with their levels. */
  async startAndEnd(run: PointRun): Promise<{
    readonly levels: readonly Level[];
    readonly states: readonly [Float32Array, Float32Array];
  }> {
    const options = { exact: this.model.exact };
    const levels = run.levels ?? trajectoryLevels(run.process, options);
    this.sampling.reseed(run.seed);
    this.sampling.begin(makeTrajectory(run.process, options, levels));
    const start = await this.sampling.read();
    return { levels, states: [start, await this.ends({ ...run, levels })] };
  }

  /** States at every level, as the process scales them. */
  async path(run: PointRun): Promise<{ readonly levels: readonly Level[]; readonly states: readonly Float32Array[] }> {
    await this.run(run, 'state');
    return this.sampling.readHistory();
  }

  private async run({ process, seed, levels, tell }: PointRun, record: 'nothing' | 'state'): Promise<void> {
    const options = { exact: this.model.exact, record };
    const trajectory = makeTrajectory(process, options, levels ?? trajectoryLevels(process, options));
    this.sampling.reseed(seed);
    await this.sampling.run(trajectory, {}, this.signal, (done) => tell?.(done / trajectory.evaluations));
  }

  dispose(): void {
    this.sampling.dispose();
  }
}

/** A framework with other settings of its sampler and of its cells. */
export function processWith(
  base: keyof typeof frameworks,
  sampler: Partial<SamplerSettings>,
  cells: Partial<Omit<Process, 'sampler' | 'constants'>> = {},
): Process {
  const process = frameworks[base];
  return { ...process, ...cells, sampler: { ...process.sampler, ...sampler } };
}

/** Where the ODE of the exact denoiser takes the noise of a seed: 1,500 Heun steps from σ = 80 to 0. */
export function referenceEnds(
  sampler: PointSampler,
  seed: number,
  tell: (share: number) => void,
): Promise<Float32Array> {
  return sampler.ends({ process: processWith('edm', { name: 'heun', steps: REFERENCE_STEPS }), seed, tell });
}

/** Root mean square distance of points [n, 2]. */
export function distanceOf(a: Float32Array, b: Float32Array): number {
  const sum = a.reduce((total, x, i) => total + (x - (b[i] ?? NaN)) ** 2, 0);
  return Math.sqrt(sum / (a.length / 2));
}

/** Largest difference of a coordinate. */
export function farthestOf(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, x, i) => Math.max(most, Math.abs(x - (b[i] ?? NaN))), 0);
}
