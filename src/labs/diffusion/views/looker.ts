/** What every view needs: data, the process as its controls stand now, models, and samplers that are made once for a form. */
import type { Runtime } from '../../../engine/runtime';
import type { View } from '../../../train/protocol';
import type { DiffusionData } from '../data/data';
import { Denoiser } from '../denoiser';
import { exactModel, type SampledModel } from '../model';
import type { Process } from '../process/framework';
import type { SamplerSettings } from '../process/samplerSettings';
import { makeTrajectory, type Trajectory, type TrajectoryOptions } from '../process/trajectory';
import { Sampler, type SampleRequest } from '../sampling';

export type Views = Readonly<Record<string, View>>;

/** A named view: checks its request and computes. */
export type MakeView = (looker: Looker, request: unknown) => Promise<Views>;

/** Samplers kept with their buffers. */
const MOST_SAMPLERS = 4;
const DENOISED_AT_ONCE = { plane: 512, pictures: 32 } as const;

interface Wanted extends TrajectoryOptions {
  readonly batch: number;
  readonly seed: number;
  /** Laid over the sampler's own settings. */
  readonly sampler?: Partial<SamplerSettings>;
  /** The ideal denoiser in place of the network. */
  readonly ideal?: boolean;
}

export class Looker {
  private readonly samplers = new Map<string, Sampler>();
  private readonly denoisers = new Map<boolean, Denoiser>();
  private ideal: SampledModel | undefined;
  private reference: { readonly key: string; readonly ends: Promise<Float32Array> } | undefined;

  constructor(
    readonly runtime: Runtime,
    readonly data: DiffusionData,
    readonly model: SampledModel,
    /** As the controls stand now; the experiment changes it with them. */
    public process: Process,
    /** What the last training steps saw at each level. */
    readonly trainingLosses: () => Promise<{ sigmas: Float32Array; losses: Float32Array }>,
    /** Steps that the weights have been trained for. */
    private readonly step: () => Promise<number>,
  ) {}

  /** Other weights are in place: what was remembered of the old ones is not theirs. */
  forget(): void {
    this.reference = undefined;
  }

  /** As `sample`, remembered until the weights or the process change: end points that many samplers are compared with. */
  async referenceEnds(wanted: Wanted): Promise<Float32Array> {
    const { sampler, ...process } = this.process;
    const used = { ...sampler, ...wanted.sampler };
    const key = JSON.stringify([wanted, process, used, wanted.ideal ? 0 : await this.step()]);
    if (this.reference?.key !== key) this.reference = { key, ends: this.sample(wanted) };
    return this.reference.ends;
  }

  /** Numbers of one sample. */
  get width(): number {
    return this.model.sample.reduce((n, d) => n * d, 1);
  }

  /** The table of a trajectory of the process, with changes. Throws where the process has no step to take. */
  trajectory({ sampler = {}, ideal = false, ...options }: Omit<Wanted, 'batch' | 'seed'>): Trajectory {
    const process = { ...this.process, sampler: { ...this.process.sampler, ...sampler } };
    return makeTrajectory(process, { ...options, exact: ideal });
  }

  /** End points [B, …sample] of a trajectory of the model. */
  async sample(wanted: Wanted, rest: Omit<SampleRequest, 'trajectory' | 'seed'> = {}): Promise<Float32Array> {
    const trajectory = this.trajectory(wanted);
    return this.samplerFor(wanted, 0, rest).sample({ ...rest, trajectory, seed: wanted.seed });
  }

  /** States [levels, B, …sample] on the way, with the trajectory that they belong to. */
  async path(
    wanted: Wanted,
    rest: Omit<SampleRequest, 'trajectory' | 'seed'> = {},
  ): Promise<{ states: Float32Array; trajectory: Trajectory }> {
    const trajectory = this.trajectory({ record: 'state', ...wanted });
    const sampler = this.samplerFor(wanted, trajectory.levels.length, rest);
    return { states: await sampler.path({ ...rest, trajectory, seed: wanted.seed }), trajectory };
  }

  /** D [n, …sample] of x̄ at σ [n]. */
  denoise(
    noised: Float32Array,
    sigmas: ArrayLike<number>,
    { labels, ideal = false }: { labels?: ArrayLike<number>; ideal?: boolean } = {},
  ): Promise<Float32Array> {
    let denoiser = this.denoisers.get(ideal);
    if (!denoiser) {
      denoiser = new Denoiser(this.runtime, this.modelOf(ideal), this.process, DENOISED_AT_ONCE[this.data.kind]);
      this.denoisers.set(ideal, denoiser);
    }
    return denoiser.denoise(noised, sigmas, this.model.classes > 0 ? labels : undefined);
  }

  /** Dispatches of one network evaluation while sampling. */
  dispatches(batch: number): Promise<number> {
    return this.samplerFor({ batch, seed: 1 }, 0, {}).dispatches();
  }

  private modelOf(ideal: boolean): SampledModel {
    if (!ideal) return this.model;
    this.ideal ??= exactModel(this.data);
    return this.ideal;
  }

  private samplerFor(
    { batch, ideal = false, sampler = {} }: Wanted,
    levels: number,
    { known, labels }: Omit<SampleRequest, 'trajectory' | 'seed'>,
  ): Sampler {
    const guidance = sampler.guidance ?? this.process.sampler.guidance;
    // Without classes, and where no class is asked for, there is nothing to be guided by.
    const guided = this.model.classes > 0 && guidance !== 1 && !labels?.every((l) => l >= this.model.classes);
    const history = levels === 0 ? 0 : 2 ** Math.ceil(Math.log2(levels));
    const form = { batch, history, guided, inpaint: known !== undefined };
    const key = JSON.stringify([form, ideal]);
    const made = this.samplers.get(key) ?? new Sampler(this.runtime, this.modelOf(ideal), form);
    // The one used last stands last; the first one goes.
    this.samplers.delete(key);
    this.samplers.set(key, made);
    const [oldest] = this.samplers.keys();
    if (this.samplers.size > MOST_SAMPLERS && oldest !== undefined) {
      this.samplers.get(oldest)?.dispose();
      this.samplers.delete(oldest);
    }
    return made;
  }

  dispose(): void {
    for (const made of [...this.samplers.values(), ...this.denoisers.values()]) made.dispose();
  }
}
