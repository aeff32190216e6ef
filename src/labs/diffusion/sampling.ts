/** Trajectories on the device: two plans, the start and one network evaluation, replayed over a table of coefficients. */
import { concat } from '../../engine/ops/concat';
import { samplerEvaluation, samplerStart, type SamplerStates, SAMPLER_COLUMNS } from '../../engine/ops/edmSampler';
import { compile, type Plan } from '../../engine/plan';
import type { Runtime } from '../../engine/runtime';
import { constant, State, type StateData } from '../../engine/state';
import { sizeOf, type Tensor } from '../../engine/tensor';
import { Pacer } from '../../train/pacer';
import type { ClassCondition } from './dit';
import type { SampledModel } from './model';
import { tableOf, type Trajectory } from './process/trajectory';

export interface SamplerForm {
  /** Samples at once. */
  readonly batch: number;
  /** Most rows of a table, and most states that the history keeps. */
  readonly rows: number;
  readonly history: number;
  /** The network runs with its class and without. */
  readonly guided: boolean;
  readonly inpaints: boolean;
}

export interface SampleRequest {
  readonly trajectory: Trajectory;
  readonly seed: number;
  /** [B]; an entry of `classes` or more means no class. */
  readonly labels?: Uint32Array;
  /** Unit noise or data [B, …sample], as the trajectory's start asks for. */
  readonly given?: Float32Array;
  /** Data to keep [B, …sample], and where to paint (1) or keep (0). */
  readonly inpaint?: { readonly known: Float32Array; readonly mask: Float32Array };
}

interface Plans {
  readonly start: Plan;
  readonly evaluation: Plan;
}

/** A model with its buffers and plans for one form of request. */
export class Sampler {
  private readonly states: Readonly<Record<keyof SamplerStates | 'known' | 'mask' | 'labels' | 'dropped', State>>;
  private plans: Promise<Plans> | undefined;

  constructor(
    private readonly runtime: Runtime,
    private readonly model: SampledModel,
    readonly form: SamplerForm,
  ) {
    const { batch, rows, history, inpaints } = form;
    const whole = [batch, ...model.sample];
    const pasted = inpaints ? whole : [1];
    this.states = {
      x: new State('sampler x', whole),
      saved: new State('sampler saved', whole),
      given: new State('sampler given', whole),
      history: new State('sampler history', [Math.max(1, history), ...whole]),
      rows: new State('sampler rows', [rows, SAMPLER_COLUMNS.length]),
      counter: new State('sampler counter', [], 'u32'),
      seed: new State('sampler seed', [], 'u32'),
      noise: new State('sampler noise', [1]),
      known: new State('sampler known', pasted),
      mask: new State('sampler mask', pasted),
      labels: new State('sampler labels', [batch], 'u32'),
      dropped: new State('sampler dropped', [batch]),
    };
  }

  /** Runs a trajectory; gives the final state [B, …sample]. Throws when its table or history does not fit this form. */
  async sample(request: SampleRequest): Promise<Float32Array> {
    await this.run(request);
    return f32(await this.runtime.read(this.states.x));
  }

  /** Runs a trajectory that records; gives the states after 0, 1, … steps [levels, B, …sample]. */
  async path(request: SampleRequest): Promise<Float32Array> {
    await this.run(request);
    const size = this.form.batch * sizeOf(this.model.sample);
    return f32(await this.runtime.read(this.states.history, 0, request.trajectory.levels.length * size));
  }

  private async run(request: SampleRequest): Promise<void> {
    const { trajectory } = request;
    const { rows, history } = this.form;
    const recorded = trajectory.rows.some((row) => row.record > 0) ? trajectory.levels.length : 0;
    if (trajectory.rows.length > rows || recorded > history)
      throw new Error(
        `sampler: ${trajectory.rows.length} rows and ${recorded} kept states; it was made for ${rows} and ${history}`,
      );
    this.plans ??= this.compile();
    const { start, evaluation } = await this.plans;
    this.write(request);
    start.run();
    const pacer = new Pacer();
    for (let done = 0; done < trajectory.evaluations;) {
      const burst = Math.min(pacer.steps, trajectory.evaluations - done);
      const before = performance.now();
      evaluation.runMany(burst);
      await this.runtime.gpu.device.queue.onSubmittedWorkDone();
      pacer.took(burst, performance.now() - before);
      done += burst;
    }
  }

  private write({ trajectory, seed, labels, given, inpaint }: SampleRequest): void {
    const { runtime, states } = this;
    runtime.write(states.rows, tableOf(trajectory));
    runtime.write(states.seed, Uint32Array.of(seed >>> 0));
    const classes = Math.max(1, this.model.classes);
    const wanted = labels ?? Uint32Array.from({ length: this.form.batch }, (_, i) => i % classes);
    runtime.write(states.labels, wanted);
    runtime.write(
      states.dropped,
      Float32Array.from(wanted, (label) => (label >= classes ? 1 : 0)),
    );
    if (given) runtime.write(states.given, given);
    if (inpaint) {
      runtime.write(states.known, inpaint.known);
      runtime.write(states.mask, inpaint.mask);
    }
  }

  private async compile(): Promise<Plans> {
    const { runtime, model, form } = this;
    const of = (state: State) => state.tensor();
    const { x, saved, given, history, rows, counter, seed, noise, known, mask } = this.states;
    const tensors: SamplerStates = {
      x: of(x),
      saved: of(saved),
      given: of(given),
      history: of(history),
      rows: of(rows),
      counter: of(counter),
      seed: of(seed),
      noise: of(noise),
    };
    const condition = this.condition();
    const effects = samplerEvaluation(tensors, (input, label, level) => model.apply(input, label, level, condition), {
      guided: form.guided,
      noiseGiven: false,
      ...(form.inpaints && { inpaint: { known: of(known), mask: of(mask) } }),
    });
    return {
      start: await compile(runtime, { effects: [samplerStart(tensors, { noiseGiven: false })] }),
      evaluation: await compile(runtime, { effects }),
    };
  }

  /** Classes of the network's batch, doubled where guided: as asked, then without. */
  private condition(): ClassCondition | undefined {
    if (this.model.classes === 0) return undefined;
    const [labels, dropped]: Tensor[] = [this.states.labels.tensor(), this.states.dropped.tensor()];
    if (!labels || !dropped) return undefined;
    if (!this.form.guided) return { labels, dropped };
    const without = constant(new Float32Array(this.form.batch).fill(1), [this.form.batch]);
    return { labels: concat([labels, labels], 0), dropped: concat([dropped, without], 0) };
  }

  /** Dispatches of one network evaluation with its sampler. */
  async dispatches(): Promise<number> {
    this.plans ??= this.compile();
    return (await this.plans).evaluation.dispatches.length;
  }

  dispose(): void {
    void this.plans?.then(({ start, evaluation }) => {
      start.dispose();
      evaluation.dispose();
    });
    for (const state of Object.values(this.states)) this.runtime.release(state);
  }
}

function f32(data: StateData): Float32Array {
  return data instanceof Float32Array ? data : Float32Array.from(data);
}
