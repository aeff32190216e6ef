/** A run as it stands in a session: its settings, what is built for them, how far it is. */
import { SaidError } from '../data/saidError';
import type { Runtime } from '../engine/runtime';
import { buildExperiment, OutOfMemoryError } from './buildExperiment';
import { CheckpointKeeper } from './checkpointKeeper';
import type { Config, Text } from './control';
import { Curve } from './curve';
import type { Experiment, Snapshot } from './experiment';
import { Progress } from './progress';
import type { PlanSummary, StopReason } from './protocol';
import { changedIds, Recipe } from './recipe';
import { SessionDevice } from './sessionDevice';
import type { Checkpoint, SessionSetup } from './sessionSetup';
import { deviceLostText, outOfMemoryText } from './stopText';

export class RunState {
  readonly now: () => number;
  readonly device: SessionDevice;
  readonly keeper: CheckpointKeeper;
  readonly progress: Progress;
  readonly curve = new Curve();
  experiment: Experiment | undefined;
  recipe = new Recipe({});
  /** Settings of the next update. */
  config: Config = {};
  playing = false;
  /** Name of the model file whose weights the run began with, where they are not those that its link gives. */
  private origin: string | undefined;

  constructor(readonly setup: SessionSetup) {
    this.now = setup.now ?? (() => performance.now());
    this.progress = new Progress(this.now);
    this.keeper = new CheckpointKeeper(setup, this.now);
    this.device = new SessionDevice(setup.openGpu, (reason) => {
      this.playing = false;
      this.experiment = undefined;
      this.stop('device-lost', deviceLostText(reason));
    });
  }

  get totalSteps(): number {
    return Number(this.config['steps'] ?? Infinity);
  }

  /** Throws where nothing is open. */
  current(): Experiment {
    if (!this.experiment)
      throw new SaidError({
        en: 'session: nothing is open; open a link first',
        zh: '尚未打开任何实验；请先打开一个链接',
      });
    return this.experiment;
  }

  summary(): PlanSummary {
    const { plan, parameterCount } = this.current();
    return {
      dispatches: plan.dispatches.length,
      activationBytes: plan.activationBytes.peak,
      stateBytes: this.device.stateBytes,
      parameters: parameterCount,
      flops: plan.flops,
    };
  }

  disposeExperiment(): void {
    this.experiment?.dispose();
    this.experiment = undefined;
  }

  /**
   * An experiment for the settings as they are, with the run's own first weights. `onFits` hears when nothing can be refused any more, before
   * the long part. Throws what `buildExperiment` throws.
   */
  async build(ask = false, onFits: () => void = () => undefined): Promise<void> {
    const runtime = await this.device.ready();
    await this.fit(runtime);
    const { setup, config } = this;
    try {
      this.experiment = await buildExperiment({
        setup,
        runtime,
        config,
        ask,
        ahead: this.recipe.plansAfter(this.progress.step, (id) => ['rebuild', 'restart'].includes(setup.effectOf(id))),
        onFits: () => {
          this.disposeExperiment();
          onFits();
        },
      });
    } catch (error) {
      if (error instanceof OutOfMemoryError) this.stop('out-of-memory', outOfMemoryText(error.detail));
      throw error;
    }
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

  /** Step 0, with the weights that are in place. */
  start(origin?: string): void {
    this.origin = origin;
    this.progress.jumpTo(0);
    this.curve.clear();
    this.progress.evaluatedAt = -1;
    this.keeper.waitFromHere();
    this.setup.emit({ kind: 'started', origin });
    this.tellSettings();
  }

  tellSettings(): void {
    const { config, changes } = this.recipe;
    this.setup.emit({ kind: 'settings', step: this.progress.step, config: this.config, recipe: { config, changes } });
  }

  /** The experiment is built for the settings at that step already. */
  goOnFrom({ snapshot, curve, origin }: Checkpoint): void {
    const experiment = this.current();
    experiment.restore(snapshot);
    this.origin = origin;
    this.progress.jumpTo(snapshot.step);
    this.curve.take(curve);
    this.setup.emit({ kind: 'resumed', step: snapshot.step, columns: experiment.columns, curve, origin });
    this.setup.emit({ kind: 'checkpoint', step: snapshot.step });
    this.tellSettings();
  }

  /** Makes the next update one of this config: sets knobs, or builds anew, with the weights kept where that makes sense. */
  async switchTo(config: Config, ask = false): Promise<void> {
    const effects = changedIds(this.config, config).map((id) => this.setup.effectOf(id));
    this.config = { ...config };
    if (effects.includes('restart')) {
      await this.build(ask, () => this.tellSettings());
      this.keeper.lastGood = undefined;
      this.start();
    } else if (effects.includes('rebuild')) {
      const kept = await this.current().snapshot();
      await this.build(ask, () => this.tellSettings());
      this.current().restore(kept);
      // What the building took is no time of a step.
      this.progress.measureFromHere();
    } else this.current().setKnobs(config);
  }

  checkpointOf(snapshot: Snapshot): Checkpoint {
    const curve = this.curve.keep(snapshot.step, this.current().columns.length);
    return { snapshot, curve, ...(this.origin !== undefined && { origin: this.origin }) };
  }

  stop(reason: StopReason, message: Text, step = this.progress.step): void {
    this.setup.emit({ kind: 'stopped', reason, step, message });
  }
}
