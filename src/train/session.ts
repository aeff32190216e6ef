/**
 * A training run: the loop, changes while it runs, checkpoints, evaluation. Lives in a worker in the page and directly in the runner.
 */
import { Runtime } from '../engine/runtime';
import type { Gpu } from '../gpu/device';
import type { Config } from './control';
import { Curve } from './curve';
import { checkDemand } from './demand';
import { Pacer } from './pacer';
import type { Experiment, ExportedModel, Snapshot } from './experiment';
import type { Evaluation, MeasureProgress, MeasureResult, PlanSummary, View } from './protocol';
import { Recipe } from './recipe';
import type { Checkpoint, OpenRequest, SessionSetup } from './sessionSetup';

const REPORT_EVERY_MS = 100;
const CHECKPOINT_EVERY_MS = 20_000;
/** A lost device is known so long after the first failure. */
const LOSS_KNOWN_MS = 500;
/** After a change a checkpoint follows so soon. */
const AFTER_CHANGE_MS = 1000;

export class Session {
  private gpu: Gpu | undefined;
  private runtime: Runtime | undefined;
  private experiment: Experiment | undefined;
  private recipe = new Recipe({});
  /** Settings of the next update. */
  private config: Config = {};
  private readonly curve = new Curve();
  private stepsDone = 0;
  private reported = 0;
  private evaluatedAt = -1;
  private playing = false;
  private lost = false;
  private lastGood: Checkpoint | undefined;
  private lastReportAt = 0;
  private lastCheckpointAt = 0;
  private reportedAt: { step: number; time: number } = { step: 0, time: 0 };
  private readonly pacer = new Pacer();
  private queue: Promise<unknown> = Promise.resolve();
  private loop: Promise<void> = Promise.resolve();
  private changed: ReturnType<typeof setTimeout> | undefined;
  /** Most steps a second that the person wants to see; Infinity for as fast as it goes. */
  private speedLimit = Infinity;

  constructor(private readonly setup: SessionSetup) {}

  get step(): number {
    return this.stepsDone;
  }

  /** Builds the experiment. Throws NoGpuError without a device, and what the factory says about the config. */
  open({ config, changes, ask, resume }: OpenRequest): Promise<void> {
    return this.exclusive(async () => {
      this.recipe = new Recipe({ ...config }, changes);
      await this.ensureRuntime();
      const kept = resume ? await this.setup.checkpoints?.load(this.recipe) : undefined;
      this.lastGood = kept;
      this.config = this.recipe.at(kept?.snapshot.step ?? 0);
      await this.build(ask);
      this.start();
      if (kept) await this.goOnFrom(kept);
    });
  }

  play(): void {
    if (this.playing || !this.experiment) return;
    this.playing = true;
    this.reportedAt = { step: this.stepsDone, time: this.now() };
    this.loop = this.run();
  }

  /** Plays and waits for the end of the run, or for what stops it. */
  async playToEnd(): Promise<void> {
    this.play();
    await this.loop;
  }

  async pause(): Promise<void> {
    this.playing = false;
    await this.loop;
    await this.exclusive(() => this.report());
  }

  /** Does some steps and reports. */
  async advance(count = 1): Promise<void> {
    await this.pause();
    await this.exclusive(async () => {
      const target = Math.min(this.stepsDone + count, this.totalSteps);
      while (this.stepsDone < target && !this.lost) await this.burst(target);
      await this.report();
    });
  }

  /** Fresh weights, step 0: the link's run again, or, where controls were moved, a run with the settings as they stand. */
  async reset(): Promise<void> {
    await this.pause();
    await this.exclusive(async () => {
      await this.setup.checkpoints?.remove(this.recipe);
      this.recipe = this.recipe.again(this.stepsDone);
      this.config = this.recipe.at(0);
      this.lastGood = undefined;
      await this.build();
      this.start();
      await this.report();
    });
  }

  setSpeedLimit(stepsPerSecond: number): void {
    this.speedLimit = stepsPerSecond;
  }

  /**
   * Takes a changed config: knobs act on the next step, others rebuild (keeping weights) or restart. With `ask`, throws
   * TooDemandingError and leaves all as it was when the model would be large or slow for this device.
   */
  configure(config: Config, ask = false): Promise<void> {
    return this.exclusive(() => this.apply(config, ask));
  }

  async evaluate(): Promise<Evaluation> {
    return this.exclusive(() => this.evaluateNow());
  }

  view(name: string, request: unknown): Promise<Readonly<Record<string, View>>> {
    return this.exclusive(() => this.current().view(name, request));
  }

  snapshot(): Promise<Snapshot> {
    return this.exclusive(() => this.current().snapshot());
  }

  /** The model as a file. Throws where the lab has none to give. */
  exportModel(): Promise<ExportedModel> {
    return this.exclusive(async () => {
      const made = await this.current().exportModel?.({
        config: this.recipe.config,
        changes: this.recipe.changes,
      });
      if (!made) throw new Error('This lab exports no model.');
      return made;
    });
  }

  /** Weights of an exported file into this run, which starts again at step 0. Throws with what does not fit; then nothing has changed. */
  async importModel(bytes: Uint8Array): Promise<void> {
    await this.pause();
    await this.exclusive(async () => {
      const snapshot = this.readModel(bytes);
      this.current().restore(snapshot);
      this.start();
      this.lastGood = this.checkpointOf(snapshot);
      await this.report();
    });
  }

  private readModel(bytes: Uint8Array): Snapshot {
    const snapshot = this.current().importModel?.(bytes);
    if (!snapshot) throw new Error('This lab opens no model files.');
    return snapshot;
  }

  /** Runs something on the session's device between steps (self-test, profile, claims). */
  withRuntime<R>(work: (runtime: Runtime, experiment: Experiment | undefined) => Promise<R>): Promise<R> {
    return this.exclusive(async () => work(await this.ensureRuntime(), this.experiment));
  }

  /** Pauses the run and gives the device, for models that train beside it. */
  async aside(): Promise<Runtime> {
    await this.pause();
    return this.withRuntime((runtime) => Promise.resolve(runtime));
  }

  /** A named measurement on demand of the run as it stands, beside it. Pauses the run. Throws what the measurement throws. */
  async measure(
    name: string,
    request: unknown,
    onProgress: (progress: MeasureProgress) => void,
    signal: AbortSignal,
  ): Promise<MeasureResult> {
    const { measures = {} } = this.setup.factory;
    const measure = measures[name];
    if (!measure) throw new Error(`measure "${name}": there is none; there are ${Object.keys(measures).join(', ')}`);
    const runtime = await this.aside();
    const context = await this.exclusive(async () => ({
      runtime,
      config: this.config,
      data: await this.setup.factory.loadData(this.config, this.setup.source),
      snapshot: await this.current().snapshot(),
    }));
    return measure.run(context, request, onProgress, signal);
  }

  /** Takes other kernel variants: a new plan on the same device, weights and optimiser kept. Pauses the run. */
  async retune(variants: Readonly<Record<string, string>> | undefined): Promise<void> {
    await this.pause();
    await this.exclusive(async () => {
      const runtime = await this.ensureRuntime();
      const kept = await this.current().snapshot();
      const { variants: _earlier, ...traits } = runtime.gpu.traits;
      this.experiment?.dispose();
      this.experiment = undefined;
      runtime.dispose();
      this.runtime = new Runtime({ ...runtime.gpu, traits: { ...traits, ...(variants && { variants }) } });
      await this.build();
      this.current().restore(kept);
      await this.report();
    });
  }

  /** After a lost device, a NaN or a full memory: a new device if need be, and the last good checkpoint. */
  async recover(): Promise<void> {
    this.playing = false;
    await this.loop;
    await this.exclusive(async () => {
      await this.ensureRuntime();
      const kept = this.lastGood;
      // What was changed after the checkpoint may be what broke the run.
      this.recipe = this.recipe.until(kept?.snapshot.step ?? 0);
      this.config = this.recipe.at(kept?.snapshot.step ?? 0);
      await this.build();
      this.start();
      if (kept) await this.goOnFrom(kept);
      else await this.report();
    });
  }

  async close(): Promise<void> {
    this.playing = false;
    clearTimeout(this.changed);
    await this.loop;
    await this.exclusive(async () => {
      if (!this.lost && this.stepsDone > 0) await this.checkpoint();
      this.experiment?.dispose();
      this.experiment = undefined;
      this.runtime?.dispose();
      this.gpu?.device.destroy();
    });
  }

  summary(): PlanSummary {
    const { plan, parameterCount } = this.current();
    return {
      dispatches: plan.dispatches.length,
      activationBytes: plan.activationBytes.peak,
      stateBytes: this.runtime?.stateBytes ?? 0,
      parameters: parameterCount,
      flops: plan.flops,
    };
  }

  private get totalSteps(): number {
    return Number(this.config['steps'] ?? Infinity);
  }

  private now(): number {
    return (this.setup.now ?? (() => performance.now()))();
  }

  private current(): Experiment {
    if (!this.experiment) throw new Error('session: nothing is open; open a link first');
    return this.experiment;
  }

  private exclusive<R>(work: () => Promise<R>): Promise<R> {
    const next = this.queue.then(work, work);
    this.queue = next.catch(() => undefined);
    return next;
  }

  private async ensureRuntime(): Promise<Runtime> {
    if (this.runtime && !this.lost) return this.runtime;
    const gpu = await this.setup.openGpu();
    this.gpu = gpu;
    this.lost = false;
    this.runtime = new Runtime(gpu);
    void gpu.device.lost.then((info) => this.onLost(gpu, info));
    return this.runtime;
  }

  private onLost(gpu: Gpu, info: GPUDeviceLostInfo): void {
    if (gpu !== this.gpu || info.reason === 'destroyed') return;
    this.lost = true;
    this.playing = false;
    this.experiment = undefined;
    this.stop('device-lost', `The GPU device was lost (${info.message || 'no reason given'}).`);
  }

  private async build(ask = false): Promise<void> {
    const runtime = await this.ensureRuntime();
    await this.fit(runtime);
    this.setup.emit({ kind: 'progress', what: 'data', done: 0, total: 1 });
    const { factory } = this.setup;
    const data = await factory.loadData(this.config, this.setup.source);
    const start = await this.setup.loadStart?.(this.config);
    if (ask) await checkDemand(runtime, factory.estimate({ runtime, config: this.config, data }));
    this.setup.emit({ kind: 'data', data: factory.describeData(data) });
    this.setup.emit({ kind: 'progress', what: 'compile', done: 0, total: 1 });
    this.experiment?.dispose();
    this.experiment = undefined;
    const { device } = runtime.gpu;
    device.pushErrorScope('out-of-memory');
    try {
      this.experiment = await factory.create({ runtime, config: this.config, data });
    } finally {
      const full = await device.popErrorScope();
      if (full) this.outOfMemory(full.message);
    }
    this.experiment.setKnobs(this.config);
    if (start) this.experiment.restore(this.readModel(start));
    this.setup.emit({ kind: 'progress', what: 'compile', done: 1, total: 1 });
    this.setup.emit({ kind: 'plan', plan: this.summary() });
  }

  /** Settings that this device does not run are taken out of the run altogether, so that its link says what was run. */
  private async fit(runtime: Runtime): Promise<void> {
    const fitted = await this.setup.fit?.(runtime, this.config);
    if (!fitted) return;
    const { notices, replaced } = fitted;
    const features = [...runtime.gpu.traits.features];
    this.setup.emit({ kind: 'device', features, notices, replaced });
    if (notices.length === 0) return;
    this.recipe = this.recipe.without(this.config, replaced);
    this.config = fitted.config;
  }

  private outOfMemory(detail: string): void {
    this.experiment?.dispose();
    this.experiment = undefined;
    this.stop('out-of-memory', `The GPU has no memory left for this model (${detail}). Use a smaller batch or width.`);
    throw new Error(`out of GPU memory: ${detail}; use a smaller batch or width`);
  }

  private start(): void {
    this.jumpTo(0);
    this.curve.clear();
    this.evaluatedAt = -1;
    this.lastCheckpointAt = this.now();
    this.pacer.reset();
    this.setup.emit({ kind: 'started' });
    this.tellSettings();
  }

  private jumpTo(step: number): void {
    this.stepsDone = step;
    this.reported = step;
    this.reportedAt = { step, time: this.now() };
  }

  private tellSettings(): void {
    const { config, changes } = this.recipe;
    this.setup.emit({ kind: 'settings', step: this.stepsDone, config: this.config, recipe: { config, changes } });
  }

  /** The experiment is built for the settings at that step already. */
  private async goOnFrom({ snapshot, curve }: Checkpoint): Promise<void> {
    const experiment = this.current();
    experiment.restore(snapshot);
    this.jumpTo(snapshot.step);
    this.curve.take(curve);
    this.setup.emit({ kind: 'resumed', step: snapshot.step, columns: experiment.columns, curve });
    this.setup.emit({ kind: 'checkpoint', step: snapshot.step });
    this.tellSettings();
    await this.report();
  }

  private async run(): Promise<void> {
    try {
      while (this.playing && this.stepsDone < this.totalSteps) {
        await this.exclusive(() => this.turn());
        await this.waitForSpeedLimit();
      }
      if (this.playing && this.stepsDone >= this.totalSteps) await this.exclusive(() => this.finish());
    } catch (error) {
      this.playing = false;
      // What fails while a device is being lost fails a moment before the loss is known.
      await Promise.race([this.gpu?.device.lost, new Promise((resolve) => setTimeout(resolve, LOSS_KNOWN_MS))]);
      if (!this.lost)
        this.setup.emit({ kind: 'error', message: error instanceof Error ? error.message : String(error) });
    }
  }

  private async turn(): Promise<void> {
    if (!this.playing || !this.experiment) return;
    if (this.evaluationDue()) await this.evaluateNow();
    await this.burst(this.totalSteps);
    const now = this.now();
    const { reportEvery } = this.setup;
    const due = reportEvery ? this.stepsDone % reportEvery === 0 : now - this.lastReportAt >= REPORT_EVERY_MS;
    if (due) await this.report();
    if (now - this.lastCheckpointAt >= CHECKPOINT_EVERY_MS) await this.checkpoint();
  }

  /** One submission: as many steps as the pacer finds right, up to the next change, evaluation or the end. */
  private async burst(end: number): Promise<void> {
    await this.applyDueChanges();
    const experiment = this.current();
    const target = Math.min(
      end,
      this.recipe.nextAfter(this.stepsDone),
      this.nextEvaluationStep(),
      this.nextReportStep(),
      this.reported + experiment.historyCapacity,
    );
    const count = Math.max(1, Math.min(this.pacer.steps, target - this.stepsDone));
    const before = this.now();
    experiment.plan.runMany(count);
    await this.gpu?.device.queue.onSubmittedWorkDone();
    this.pacer.took(count, this.now() - before);
    this.stepsDone += count;
    if (this.stepsDone - this.reported >= experiment.historyCapacity) await this.report();
  }

  private async waitForSpeedLimit(): Promise<void> {
    if (!Number.isFinite(this.speedLimit)) return;
    this.pacer.steps = 1;
    await new Promise((resolve) => setTimeout(resolve, 1000 / this.speedLimit));
  }

  private async applyDueChanges(): Promise<void> {
    const due = this.recipe.at(this.stepsDone);
    if (Object.keys(due).every((id) => due[id] === this.config[id])) return;
    await this.switchTo(due);
    this.tellSettings();
  }

  private async apply(config: Config, ask: boolean): Promise<void> {
    const before = { config: this.config, recipe: this.recipe };
    try {
      await this.take(config, ask);
    } catch (error) {
      // Nothing was built: the run goes on with what it had.
      if (this.experiment) Object.assign(this, before);
      throw error;
    }
  }

  private async take(config: Config, ask: boolean): Promise<void> {
    const ids = Object.keys(config).filter((id) => config[id] !== this.config[id]);
    if (ids.length === 0) return;
    const picked = (wanted: readonly string[]): Config =>
      Object.fromEntries(wanted.flatMap((id) => (config[id] === undefined ? [] : [[id, config[id]] as const])));
    const looks = ids.filter((id) => this.setup.effectOf(id) === 'look');
    const training = ids.filter((id) => !looks.includes(id));
    if (training.some((id) => this.setup.effectOf(id) === 'restart') || (this.stepsDone === 0 && training.length > 0)) {
      this.recipe = new Recipe({ ...config });
    } else {
      this.recipe = this.recipe.looked(picked(looks));
      if (training.length > 0) {
        this.recipe = this.recipe.changed(this.stepsDone, picked(training));
        this.checkpointSoon();
      }
    }
    await this.switchTo(config, ask);
    this.tellSettings();
    await this.report();
  }

  /** The run has another link now: a reload must find it there. Quick moves of a slider make one checkpoint. */
  private checkpointSoon(): void {
    this.lastCheckpointAt = this.now() - CHECKPOINT_EVERY_MS + AFTER_CHANGE_MS;
    clearTimeout(this.changed);
    this.changed = setTimeout(() => {
      if (!this.playing) void this.exclusive(() => this.checkpoint());
    }, AFTER_CHANGE_MS);
  }

  private async switchTo(config: Config, ask = false): Promise<void> {
    const effects = Object.keys(config)
      .filter((id) => config[id] !== this.config[id])
      .map((id) => this.setup.effectOf(id));
    this.config = { ...config };
    if (effects.includes('restart')) {
      await this.build(ask);
      this.lastGood = undefined;
      this.start();
    } else if (effects.includes('rebuild')) {
      const kept = await this.current().snapshot();
      await this.build(ask);
      this.current().restore(kept);
    } else this.current().setKnobs(config);
  }

  private evaluationEvery(): number {
    return Number(this.config['every'] ?? 0);
  }

  private evaluationDue(): boolean {
    const every = this.evaluationEvery();
    // Not before the first step: whoever presses play wants to see it move.
    return every > 0 && this.stepsDone > 0 && this.stepsDone % every === 0 && this.evaluatedAt !== this.stepsDone;
  }

  private nextEvaluationStep(): number {
    const every = this.evaluationEvery();
    return every > 0 ? (Math.floor(this.stepsDone / every) + 1) * every : Infinity;
  }

  private nextReportStep(): number {
    const { reportEvery } = this.setup;
    return reportEvery ? (Math.floor(this.stepsDone / reportEvery) + 1) * reportEvery : Infinity;
  }

  private async evaluateNow(): Promise<Evaluation> {
    this.evaluatedAt = this.stepsDone;
    const metrics = await this.current().evaluate((done, total) =>
      this.setup.emit({ kind: 'progress', what: 'evaluation', done, total }),
    );
    const evaluation = { step: this.stepsDone, metrics };
    this.curve.evaluated(evaluation);
    this.setup.emit({ kind: 'evaluation', evaluation });
    this.pacer.reset();
    this.reportedAt = { step: this.stepsDone, time: this.now() };
    return evaluation;
  }

  private async report(): Promise<void> {
    const experiment = this.experiment;
    if (!experiment) return;
    const rows = await experiment.readHistory(this.reported, this.stepsDone);
    const time = this.now();
    const seconds = (time - this.reportedAt.time) / 1000;
    this.curve.append(rows);
    const bad = firstNotFinite(rows, experiment.columns.length);
    const first = this.reported;
    this.setup.emit({
      kind: 'report',
      report: {
        step: this.stepsDone,
        totalSteps: this.totalSteps,
        rows,
        columns: experiment.columns,
        stepsPerSecond: seconds > 0 ? (this.stepsDone - this.reportedAt.step) / seconds : 0,
        playing: this.playing,
      },
    });
    this.reported = this.stepsDone;
    this.lastReportAt = time;
    if (seconds > 1) this.reportedAt = { step: this.stepsDone, time };
    if (bad !== undefined) this.stopNotFinite(first + bad);
  }

  private stopNotFinite(step: number): void {
    this.playing = false;
    const kept = this.lastGood
      ? ` The checkpoint of step ${this.lastGood.snapshot.step} is kept.`
      : ' There is no checkpoint yet: it can only start over.';
    this.stop('not-finite', `The loss is not a finite number at step ${step}; lower the learning rate.${kept}`, step);
  }

  private async checkpoint(): Promise<void> {
    this.lastCheckpointAt = this.now();
    await this.report();
    if (!this.experiment) return;
    const snapshot = await this.experiment.snapshot();
    if (!allFinite(snapshot)) return;
    this.lastGood = this.checkpointOf(snapshot);
    await this.setup.checkpoints?.save(this.recipe, this.lastGood);
    this.setup.emit({ kind: 'checkpoint', step: snapshot.step });
  }

  private checkpointOf(snapshot: Snapshot): Checkpoint {
    return { snapshot, curve: this.curve.keep(snapshot.step, this.current().columns.length) };
  }

  private async finish(): Promise<void> {
    this.playing = false;
    await this.report();
    if (this.evaluationEvery() > 0 && this.evaluatedAt !== this.stepsDone) await this.evaluateNow();
    await this.checkpoint();
    this.stop('finished', `Done: ${this.stepsDone} steps.`);
  }

  private stop(
    reason: 'finished' | 'not-finite' | 'device-lost' | 'out-of-memory',
    message: string,
    step = this.stepsDone,
  ): void {
    this.setup.emit({ kind: 'stopped', reason, step, message });
  }
}

/** Index of the first row with a loss (first column) that is not finite. */
function firstNotFinite(rows: Float32Array, columns: number): number | undefined {
  for (let row = 0; row * columns < rows.length; row++) if (!Number.isFinite(rows[row * columns])) return row;
  return undefined;
}

function allFinite(snapshot: Snapshot): boolean {
  for (const { data } of snapshot.parameters.values()) if (!data.every((x) => Number.isFinite(x))) return false;
  return true;
}
