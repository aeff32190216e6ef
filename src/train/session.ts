/**
 * A training run that can be steered: opened, played, changed while it runs, kept, gone on with. Lives in a worker in the page and directly
 * in the runner. What is asked of it is done one after the other, between steps.
 */
import { SaidError } from '../data/saidError';
import type { Runtime } from '../engine/runtime';
import { readModel } from './buildExperiment';
import type { Config } from './control';
import { Exclusive } from './exclusive';
import type { Experiment, ExportedModel, Snapshot } from './experiment';
import type { Evaluation, MeasureProgress, MeasureResult, PlanSummary, View } from './protocol';
import { changedIds, picked, Recipe } from './recipe';
import { RunState } from './runState';
import type { OpenRequest, SessionSetup } from './sessionSetup';
import { TrainingLoop } from './trainingLoop';

export class Session {
  private readonly turns = new Exclusive();
  private readonly state: RunState;
  private readonly loop: TrainingLoop;

  constructor(private readonly setup: SessionSetup) {
    this.state = new RunState(setup);
    this.loop = new TrainingLoop(this.state, this.turns);
  }

  get step(): number {
    return this.state.progress.step;
  }

  /** Builds the experiment. Throws NoGpuError without a device, and what the factory says about the config. */
  open({ config, changes, ask, resume }: OpenRequest): Promise<void> {
    return this.turns.run(async () => {
      this.state.recipe = new Recipe({ ...config }, changes);
      await this.state.device.ready();
      const kept = resume ? await this.state.keeper.load(this.state.recipe) : undefined;
      this.state.keeper.lastGood = kept;
      this.state.config = this.state.recipe.at(kept?.snapshot.step ?? 0);
      await this.state.build(ask);
      this.state.start();
      if (!kept) return;
      this.state.goOnFrom(kept);
      await this.loop.report();
    });
  }

  play(): void {
    this.loop.play();
  }

  /** Plays and waits for the end of the run, or for what stops it. */
  async playToEnd(): Promise<void> {
    this.loop.play();
    await this.loop.ended();
  }

  /** Stops after what is submitted, and keeps the run: a reload finds it as it was left. */
  async pause(): Promise<void> {
    await this.loop.stop();
    await this.keep();
  }

  /** Keeps the run as it stands, for a page that may be gone in a moment. */
  keep(): Promise<void> {
    return this.turns.run(() => this.loop.checkpoint());
  }

  /** Does some steps and reports. */
  async advance(count = 1): Promise<void> {
    await this.halt();
    await this.turns.run(async () => {
      await this.loop.advanceTo(Math.min(this.state.progress.step + count, this.state.totalSteps));
      await this.loop.report();
      this.keepSoon();
    });
  }

  /** Fresh weights, step 0: the link's run again, or, where controls were moved, a run with the settings as they stand. */
  async reset(): Promise<void> {
    await this.halt();
    await this.turns.run(async () => {
      await this.state.keeper.forget(this.state.recipe);
      this.state.recipe = this.state.recipe.again(this.state.progress.step);
      this.state.config = this.state.recipe.at(0);
      await this.state.build();
      this.state.start();
      await this.loop.report();
    });
  }

  setSpeedLimit(stepsPerSecond: number): void {
    this.loop.speedLimit = stepsPerSecond;
  }

  /**
   * Takes a changed config: knobs act on the next step, others rebuild (keeping weights) or restart. With `ask`, throws
   * TooDemandingError and leaves all as it was when the model would be large or slow for this device.
   */
  configure(config: Config, ask = false): Promise<void> {
    return this.turns.run(() => this.apply(config, ask));
  }

  async evaluate(): Promise<Evaluation> {
    return this.turns.run(() => this.loop.evaluateNow());
  }

  view(name: string, request: unknown): Promise<Readonly<Record<string, View>>> {
    return this.turns.run(() => this.state.current().view(name, request));
  }

  snapshot(): Promise<Snapshot> {
    return this.turns.run(() => this.state.current().snapshot());
  }

  /** The model as a file. Throws where the lab has none to give. */
  exportModel(): Promise<ExportedModel> {
    return this.turns.run(async () => {
      const made = await this.state.current().exportModel?.({
        config: this.state.recipe.config,
        changes: this.state.recipe.changes,
      });
      if (!made) throw new SaidError({ en: 'This lab exports no model.', zh: '此实验室不导出模型。' });
      return made;
    });
  }

  /**
   * Weights of an exported file into this run, which starts again at step 0; `origin` names the file. Throws with what does not fit; then
   * nothing has changed.
   */
  async importModel(bytes: Uint8Array, origin?: string): Promise<void> {
    await this.halt();
    await this.turns.run(async () => {
      const snapshot = readModel(this.state.current(), bytes);
      this.state.current().restore(snapshot);
      this.state.start(origin);
      this.state.keeper.lastGood = this.state.checkpointOf(snapshot);
      await this.loop.report();
    });
  }

  /** Runs something on the session's device between steps (self-test, profile, claims). */
  withRuntime<R>(work: (runtime: Runtime, experiment: Experiment | undefined) => Promise<R>): Promise<R> {
    return this.turns.run(async () => work(await this.state.device.ready(), this.state.experiment));
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
    const context = await this.turns.run(async () => ({
      runtime,
      config: this.state.config,
      data: await this.setup.factory.loadData(this.state.config, this.setup.source),
      snapshot: await this.state.current().snapshot(),
    }));
    return measure.run(context, request, onProgress, signal);
  }

  /** Takes other kernel variants: a new plan on the same device, weights and optimiser kept. Pauses the run. */
  async retune(variants: Readonly<Record<string, string>> | undefined): Promise<void> {
    await this.halt();
    await this.turns.run(async () => {
      const kept = await this.state.current().snapshot();
      this.state.disposeExperiment();
      await this.state.device.retune(variants);
      await this.state.build();
      this.state.current().restore(kept);
      await this.loop.report();
    });
  }

  /** After a lost device, a NaN or a full memory: a new device if need be, and the last good checkpoint. */
  async recover(): Promise<void> {
    await this.loop.stop();
    await this.turns.run(async () => {
      await this.state.device.ready();
      const kept = this.state.keeper.lastGood;
      // What was changed after the checkpoint may be what broke the run.
      this.state.recipe = this.state.recipe.until(kept?.snapshot.step ?? 0);
      this.state.config = this.state.recipe.at(kept?.snapshot.step ?? 0);
      await this.state.build();
      this.state.start();
      if (kept) this.state.goOnFrom(kept);
      await this.loop.report();
    });
  }

  async close(): Promise<void> {
    this.state.keeper.stopWaiting();
    await this.loop.stop();
    await this.turns.run(async () => {
      if (!this.state.device.lost) await this.loop.checkpoint();
      this.state.disposeExperiment();
      this.state.device.dispose();
    });
  }

  summary(): PlanSummary {
    return this.state.summary();
  }

  /** Stops after what is submitted. */
  private async halt(): Promise<void> {
    await this.loop.stop();
    await this.turns.run(() => this.loop.report());
  }

  private keepSoon(): void {
    this.state.keeper.keepSoon(() => {
      if (!this.state.playing) void this.keep();
    });
  }

  private async apply(config: Config, ask: boolean): Promise<void> {
    const before = { config: this.state.config, recipe: this.state.recipe };
    try {
      await this.take(config, ask);
    } catch (error) {
      // The run goes on with what it had; where the experiment is gone too, `recover` builds it for that.
      Object.assign(this.state, before);
      this.state.tellSettings();
      throw error;
    }
  }

  private async take(config: Config, ask: boolean): Promise<void> {
    const ids = changedIds(this.state.config, config);
    if (ids.length === 0) return;
    const looks = ids.filter((id) => this.setup.effectOf(id) === 'look');
    const training = ids.filter((id) => !looks.includes(id));
    if (
      training.some((id) => this.setup.effectOf(id) === 'restart') ||
      (this.state.progress.step === 0 && training.length > 0)
    ) {
      this.state.recipe = new Recipe({ ...config });
    } else {
      this.state.recipe = this.state.recipe.looked(picked(config, looks));
      if (training.length > 0) {
        this.state.recipe = this.state.recipe.changed(this.state.progress.step, picked(config, training));
        // The link changes before the long part: a reload meanwhile finds the run under it.
        if (training.some((id) => this.setup.effectOf(id) === 'rebuild')) await this.loop.checkpoint();
        this.keepSoon();
      }
    }
    await this.state.switchTo(config, ask);
    this.state.tellSettings();
    await this.loop.report();
  }
}
