/** The lab's models in the sampler: classes on top of the process's own sampling. */
import { concat } from '../../engine/ops/concat';
import type { Runtime } from '../../engine/runtime';
import { constant, State } from '../../engine/state';
import type { ClassCondition } from './embedding';
import type { SampledModel } from './model';
import { Sampling, type SamplingInputs } from './process/sampling';
import type { Trajectory } from './process/trajectory';

export interface SamplerForm {
  /** Samples at once. */
  readonly batch: number;
  /** Steps whose states are kept; 0 keeps none. */
  readonly history: number;
  /** The network runs with its class and without. */
  readonly guided: boolean;
  readonly inpaint: boolean;
}

export interface SampleRequest extends Pick<SamplingInputs, 'given' | 'known' | 'mask'> {
  readonly trajectory: Trajectory;
  readonly seed: number;
  /** [B]; an entry of `classes` or more means no class. Classes in turn where left out. */
  readonly labels?: Uint32Array;
}

/** A model with its buffers and plans for one form of request. */
export class Sampler {
  private readonly labels: State;
  private readonly dropped: State;
  private compiled: Promise<Sampling> | undefined;

  constructor(
    private readonly runtime: Runtime,
    private readonly model: SampledModel,
    readonly form: SamplerForm,
  ) {
    this.labels = new State('sampled classes', [form.batch], 'u32');
    this.dropped = new State('sampled without class', [form.batch]);
  }

  /** Runs a trajectory; gives the final state [B, …sample]. Throws when its history does not fit this form. */
  async sample(request: SampleRequest): Promise<Float32Array> {
    return (await this.run(request)).read();
  }

  /** Runs a trajectory that records; gives the states after 0, 1, … steps [levels, B, …sample]. */
  async path(request: SampleRequest): Promise<Float32Array> {
    const { states } = await (await this.run(request)).readHistory();
    const length = states[0]?.length ?? 0;
    const all = new Float32Array(states.length * length);
    states.forEach((state, i) => all.set(state, i * length));
    return all;
  }

  private async run({ trajectory, seed, labels, ...inputs }: SampleRequest): Promise<Sampling> {
    this.compiled ??= this.compile();
    const sampling = await this.compiled;
    const { classes } = this.model;
    if (classes > 0) {
      const wanted = labels ?? Uint32Array.from({ length: this.form.batch }, (_, i) => i % classes);
      this.runtime.write(this.labels, wanted);
      this.runtime.write(
        this.dropped,
        Float32Array.from(wanted, (label) => (label >= classes ? 1 : 0)),
      );
    }
    sampling.reseed(seed);
    await sampling.run(trajectory, inputs);
    return sampling;
  }

  private compile(): Promise<Sampling> {
    const { model, form } = this;
    const condition = this.condition();
    return Sampling.compile(this.runtime, {
      shape: [form.batch, ...model.sample],
      network: (input, label, level) => model.apply(input, label, level, condition),
      seed: 1,
      guided: form.guided,
      history: form.history,
      inpaint: form.inpaint,
    });
  }

  /** Classes of the network's batch, doubled where guided: as asked, then without. */
  private condition(): ClassCondition | undefined {
    const { batch, guided } = this.form;
    if (this.model.classes === 0) return undefined;
    const [labels, dropped] = [this.labels.tensor(), this.dropped.tensor()];
    if (!guided) return { labels, dropped };
    const without = constant(new Float32Array(batch).fill(1), [batch]);
    return { labels: concat([labels, labels], 0), dropped: concat([dropped, without], 0) };
  }

  /** Dispatches of one network evaluation with its sampler. */
  async dispatches(): Promise<number> {
    this.compiled ??= this.compile();
    return (await this.compiled).evaluation.dispatches.length;
  }

  dispose(): void {
    void this.compiled?.then((sampling) => sampling.dispose());
    this.runtime.release(this.labels);
    this.runtime.release(this.dropped);
  }
}
