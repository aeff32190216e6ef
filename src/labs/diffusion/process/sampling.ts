/** A sampler on the device: a plan for the start and one for a network evaluation, replayed along a table of coefficients. */
import { SAMPLER_COLUMNS, samplerEvaluation, samplerStart, type SampledNetwork } from '../../../engine/ops/edmSampler';
import { compile, type Plan } from '../../../engine/plan';
import type { Runtime } from '../../../engine/runtime';
import { State } from '../../../engine/state';
import { sizeOf, type Shape } from '../../../engine/tensor';
import { runSteps } from '../../../train/runSteps';
import type { Level } from './schedule';
import { tableOf, type Trajectory } from './trajectory';

export interface SamplingOptions {
  /** Shape of the state, the batch first: [B, …]. */
  readonly shape: Shape;
  /**
   * F from input [B, …] and labels c_noise [B]; with guidance both hold the batch twice, to be run with its condition and then without.
   * Levels [B, 2] = (signal, noise) are for exact denoisers. The output has as many numbers as the input.
   */
  readonly network: SampledNetwork;
  readonly seed: number;
  readonly guided?: boolean;
  /** Most network evaluations of a trajectory; 2·256 − 1 by default. */
  readonly capacity?: number;
  /** Steps whose states the history holds; 0 keeps none. */
  readonly history?: number;
  /** Fresh noise comes from `noises` given with each run instead of from the seed; for as many steps. */
  readonly givenNoises?: number;
  /** Samples keep a known part, given with each run. */
  readonly inpaint?: boolean;
}

/** What one run starts from, all of the state's size. */
export interface SamplingInputs {
  /** Unit noise or data, as the trajectory's start asks for. */
  readonly given?: Float32Array;
  /** Row i is added when i steps are done, [steps, …]. */
  readonly noises?: Float32Array;
  /** In-painting: 1 where to paint, 0 where the known data stay. */
  readonly known?: Float32Array;
  readonly mask?: Float32Array;
}

const DEFAULT_CAPACITY = 511;

export class Sampling {
  private loaded: Trajectory | undefined;

  private constructor(
    private readonly runtime: Runtime,
    private readonly states: SamplingStates,
    /** Plans of the start and of one network evaluation. */
    private readonly startPlan: Plan,
    readonly evaluation: Plan,
    private readonly options: SamplingOptions,
  ) {}

  /** Compiles the network with the sampler around it. Throws where the network's output does not fit the state. */
  static async compile(runtime: Runtime, options: SamplingOptions): Promise<Sampling> {
    const states = new SamplingStates(options);
    const leaves = states.tensors();
    const flags = { guided: options.guided ?? false, noiseGiven: (options.givenNoises ?? 0) > 0 };
    const inpaint = options.inpaint ? { known: states.known.tensor(), mask: states.mask.tensor() } : undefined;
    const start = samplerStart(leaves, flags);
    const effects = samplerEvaluation(leaves, options.network, { ...flags, ...(inpaint && { inpaint }) });
    const startPlan = await compile(runtime, { effects: [start] });
    const evaluation = await compile(runtime, { effects });
    return new Sampling(runtime, states, startPlan, evaluation, options);
  }

  /** The state that samples are in, [B, …], for plans that go on from them. */
  get samples(): State {
    return this.states.x;
  }

  /** Another seed for what follows. */
  reseed(seed: number): void {
    this.runtime.write(this.states.seed, new Uint32Array([seed >>> 0]));
  }

  /**
   * Writes the table and what the run starts from, and sets the state to the start. Throws where the trajectory, its history or an array does
   * not fit what was compiled.
   */
  begin(trajectory: Trajectory, inputs: SamplingInputs = {}): void {
    const { runtime, states, options } = this;
    const capacity = options.capacity ?? DEFAULT_CAPACITY;
    if (trajectory.evaluations > capacity) {
      throw new Error(`sampler: ${trajectory.evaluations} network evaluations; it was compiled for ${capacity}`);
    }
    const records = trajectory.rows.some((row) => row.record > 0);
    if (records && trajectory.levels.length - 1 > (options.history ?? 0)) {
      throw new Error(
        `sampler: a history of ${trajectory.levels.length - 1} steps; it was compiled for ${options.history ?? 0}`,
      );
    }
    runtime.write(states.rows, tableOf(trajectory));
    if (inputs.given) runtime.write(states.given, this.whole('given', inputs.given));
    if (inputs.noises) runtime.write(states.noise, inputs.noises);
    if (inputs.known) runtime.write(states.known, this.whole('known', inputs.known));
    if (inputs.mask) runtime.write(states.mask, this.whole('mask', inputs.mask));
    this.startPlan.run();
    this.loaded = trajectory;
  }

  private whole(name: string, data: Float32Array): Float32Array {
    const size = sizeOf(this.options.shape);
    if (data.length !== size) throw new Error(`sampler: "${name}" holds ${data.length} numbers; the state has ${size}`);
    return data;
  }

  /**
   * A whole trajectory, encoded without a host round trip between steps, in submissions of tens of milliseconds. `onEvaluation` hears how
   * many evaluations are done after each submission. Throws the signal's reason soon after it is stopped.
   */
  async run(
    trajectory: Trajectory,
    inputs: SamplingInputs = {},
    signal: AbortSignal = new AbortController().signal,
    onEvaluation?: (done: number) => void,
  ): Promise<void> {
    this.begin(trajectory, inputs);
    await runSteps(this.runtime, this.evaluation, trajectory.evaluations, signal, onEvaluation);
  }

  /** The next `count` evaluations of the trajectory begun, in one submission. */
  advance(count: number): void {
    this.evaluation.runMany(count);
  }

  async read(): Promise<Float32Array> {
    return Float32Array.from(await this.runtime.read(this.states.x));
  }

  /** The recorded states of the last trajectory with their levels, after 0, 1, … steps. Throws where none were recorded. */
  async readHistory(): Promise<{ readonly levels: readonly Level[]; readonly states: readonly Float32Array[] }> {
    const trajectory = this.loaded;
    if (!trajectory?.rows.some((row) => row.record > 0)) {
      throw new Error('sampler: no history; make the trajectory with record "state" or "denoised"');
    }
    const size = sizeOf(this.options.shape);
    const { levels } = trajectory;
    const all = Float32Array.from(await this.runtime.read(this.states.history, 0, levels.length * size));
    return { levels, states: levels.map((_, i) => all.subarray(i * size, (i + 1) * size)) };
  }

  dispose(): void {
    this.startPlan.dispose();
    this.evaluation.dispose();
    for (const state of this.states.all()) this.runtime.release(state);
  }
}

/** The states of a sampler; those that are not asked for are one number long. */
class SamplingStates {
  readonly x: State;
  readonly saved: State;
  readonly given: State;
  readonly history: State;
  readonly rows: State;
  readonly noise: State;
  readonly known: State;
  readonly mask: State;
  readonly counter = new State('sampler counter', [], 'u32');
  readonly seed: State;

  constructor({ shape, capacity = DEFAULT_CAPACITY, history = 0, givenNoises = 0, inpaint, seed }: SamplingOptions) {
    const whole = (name: string) => new State(`sampler ${name}`, shape);
    this.x = whole('state');
    this.saved = whole('saved');
    this.given = whole('given');
    this.history = new State('sampler history', history > 0 ? [history + 1, ...shape] : [1]);
    this.noise = new State('sampler noise', givenNoises > 0 ? [givenNoises + 1, ...shape] : [1]);
    this.known = new State('sampler known', inpaint ? shape : [1]);
    this.mask = new State('sampler mask', inpaint ? shape : [1]);
    // The start and the final level have a row each.
    this.rows = new State('sampler table', [capacity + 2, SAMPLER_COLUMNS.length]);
    this.seed = new State('sampler seed', [], 'u32', new Uint32Array([seed >>> 0]));
  }

  tensors() {
    const { x, saved, given, history, rows, counter, seed, noise } = this;
    return {
      x: x.tensor(),
      saved: saved.tensor(),
      given: given.tensor(),
      history: history.tensor(),
      rows: rows.tensor(),
      counter: counter.tensor(),
      seed: seed.tensor(),
      noise: noise.tensor(),
    };
  }

  all(): State[] {
    const { x, saved, given, history, rows, counter, seed, noise, known, mask } = this;
    return [x, saved, given, history, rows, counter, seed, noise, known, mask];
  }
}
