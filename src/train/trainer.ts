/**
 * What every training step has in common: the step counter, the seed, knobs, gradients, clipping, AdamW, the moving average and the
 * history of scalars. A lab gives the loss; this turns it into one plan.
 */
import { gradients } from '../engine/autodiff';
import { Knobs } from '../engine/knobs';
import { adamW } from '../engine/ops/adamw';
import { gradientNorm } from '../engine/ops/gradientNorm';
import { affine, div, exp, minimum, toFloat } from '../engine/ops/pointwise';
import { recordScalars } from '../engine/ops/record';
import { compile, type Plan } from '../engine/plan';
import type { Runtime } from '../engine/runtime';
import type { Precision } from '../gpu/device';
import { State } from '../engine/state';
import type { Node, Tensor } from '../engine/tensor';
import type { ParameterSet } from '../nn/parameters';
import { cosineSchedule } from '../nn/schedule';
import type { NamedArray, Snapshot } from './experiment';

export interface TrainerSettings {
  readonly seed: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly warmup: number;
  readonly total: number;
  /** Largest global norm of the gradient; 0 for no clipping. */
  readonly clip: number;
  /** Decay of the moving average of the weights; 0 keeps none. */
  readonly averageDecay: number;
  /**
   * While the run is young the average reaches back this share of the steps done, as a half-life (EDM: 0.05): the starting weights are
   * soon forgotten. Without it the decay is the same from the first step on.
   */
  readonly averageRampUp?: number;
  readonly beta1?: number;
  readonly beta2?: number;
  /** Of the layers' forward products; f32 where nothing is said. */
  readonly precision?: Precision;
}

/** Results and effects of one training step. */
interface StepGraph {
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly effects: readonly Node[];
}

export const HISTORY_CAPACITY = 1024;

/** Columns that every run records: loss, learning rate, norm of the gradient. */
export const COLUMNS = ['loss', 'learningRate', 'gradientNorm'] as const;

type KnobName = 'learningRate' | 'weightDecay' | 'warmup' | 'total' | 'clip' | 'averageDecay';

export class Trainer {
  /** Updates done, u32 []. */
  readonly step = new State('step', [], 'u32');
  readonly seed: State;
  readonly knobs: Knobs<KnobName>;
  private readonly history = new State('history', [HISTORY_CAPACITY, COLUMNS.length]);
  private readonly gradients: State;
  private readonly firstMoment: State;
  private readonly secondMoment: State;
  private readonly average: State;
  private readonly groups: State;

  constructor(
    private readonly runtime: Runtime,
    readonly parameters: ParameterSet,
    private readonly settings: TrainerSettings,
  ) {
    this.seed = new State('seed', [], 'u32', new Uint32Array([settings.seed >>> 0]));
    const { learningRate, weightDecay, warmup, total, clip, averageDecay } = settings;
    this.knobs = new Knobs({ learningRate, weightDecay, warmup, total, clip, averageDecay });
    this.gradients = parameters.companion('gradients');
    this.firstMoment = parameters.companion('first moment');
    this.secondMoment = parameters.companion('second moment');
    this.average = parameters.companion('average', () => parameters.initialValues());
    this.groups = parameters.groups();
  }

  /**
   * The plan of one step: forward, backward, update, record. `outputs` can be read after a run; `effects` (running statistics) come
   * before the update.
   */
  compile(loss: Tensor, outputs: Readonly<Record<string, Tensor>> = {}, effects: readonly Node[] = []): Promise<Plan> {
    const { precision = 'f32' } = this.settings;
    return compile(this.runtime, { ...this.graph(loss, outputs, effects), precision });
  }

  /** What the step's plan is made of. */
  graph(loss: Tensor, outputs: Readonly<Record<string, Tensor>> = {}, before: readonly Node[] = []): StepGraph {
    const { parameters: set, knobs } = this;
    const made = gradients(
      loss,
      set.all.map((p) => p.tensor),
    );
    const flat = set.place(this.gradients, made);
    const rate = cosineSchedule(this.step.tensor(), {
      peak: knobs.tensor('learningRate'),
      warmup: knobs.tensor('warmup'),
      total: knobs.tensor('total'),
    });
    const betas = { beta1: this.settings.beta1 ?? 0.9, beta2: this.settings.beta2 ?? 0.95 };
    const { norm, settings } = gradientNorm({
      gradients: flat,
      learningRate: rate,
      weightDecay: knobs.tensor('weightDecay'),
      step: this.step.tensor(),
      clip: knobs.tensor('clip'),
      ...betas,
    });
    const update = adamW({
      parameters: set.values.tensor(),
      gradients: flat,
      firstMoment: this.firstMoment.tensor(),
      secondMoment: this.secondMoment.tensor(),
      groups: this.groups.tensor(),
      settings,
      ...betas,
      ...(this.settings.averageDecay > 0 && {
        average: { state: this.average.tensor(), decay: this.averageDecay() },
      }),
    });
    const record = recordScalars(this.history.tensor(), this.step.tensor(), [loss, rate, norm]);
    return { outputs: { loss, ...outputs }, effects: [...before, update, record] };
  }

  /** min(decay, ½^{1/(rampUp·(step + 1))}). */
  private averageDecay(): Tensor {
    const decay = this.knobs.tensor('averageDecay');
    const { averageRampUp } = this.settings;
    if (averageRampUp === undefined) return decay;
    const done = affine(toFloat(this.step.tensor()), averageRampUp, averageRampUp);
    return minimum(decay, exp(div(-Math.LN2, done)));
  }

  /** The weights to look at, to measure and to export: their moving average where one is kept. */
  get weights(): State {
    return this.settings.averageDecay > 0 ? this.average : this.parameters.values;
  }

  /** Rows that steps [from, to) recorded. Throws when they are further back than the history reaches. */
  async readHistory(from: number, to: number): Promise<Float32Array> {
    const width = COLUMNS.length;
    if (to - from > HISTORY_CAPACITY)
      throw new Error(`history: ${to - from} rows asked for; it keeps ${HISTORY_CAPACITY}`);
    const rows = new Float32Array((to - from) * width);
    for (let step = from; step < to;) {
      const slot = step % HISTORY_CAPACITY;
      const count = Math.min(to - step, HISTORY_CAPACITY - slot);
      const part = await this.runtime.read(this.history, slot * width, count * width);
      rows.set(part, (step - from) * width);
      step += count;
    }
    return rows;
  }

  async snapshot(): Promise<Snapshot> {
    const named = async (state: State): Promise<Map<string, NamedArray>> =>
      this.parameters.split(Float32Array.from(await this.runtime.read(state)));
    const [step] = await this.runtime.read(this.step);
    return {
      step: step ?? 0,
      parameters: await named(this.parameters.values),
      firstMoment: await named(this.firstMoment),
      secondMoment: await named(this.secondMoment),
      ...(this.settings.averageDecay > 0 && { average: await named(this.average) }),
    };
  }

  /** Takes what fits by name and shape; gives the names of parameters that keep their starting value. */
  restore(snapshot: Snapshot): readonly string[] {
    const { runtime, parameters: set } = this;
    const start = set.initialValues();
    const empty = new Float32Array(set.flatSize);
    runtime.write(set.values, set.join(snapshot.parameters, start));
    runtime.write(this.firstMoment, set.join(snapshot.firstMoment, empty));
    runtime.write(this.secondMoment, set.join(snapshot.secondMoment, empty));
    runtime.write(this.average, set.join(snapshot.average ?? snapshot.parameters, start));
    runtime.write(this.step, new Uint32Array([snapshot.step]));
    return set.all.filter((p) => snapshot.parameters.get(p.name)?.shape.join() !== p.shape.join()).map((p) => p.name);
  }

  dispose(): void {
    const { values } = this.parameters;
    const states = [
      this.step,
      this.seed,
      this.history,
      this.gradients,
      this.firstMoment,
      this.secondMoment,
      this.average,
    ];
    for (const state of [...states, this.groups, values]) this.runtime.release(state);
    this.knobs.release(this.runtime);
  }
}
