/** The loop of a session: submissions of as many steps as suit the device, reports, evaluations and checkpoints between them. */
import { textOf } from '../data/saidError';
import type { Exclusive } from './exclusive';
import type { Experiment } from './experiment';
import { Pacer } from './pacer';
import { nextMultiple } from './progress';
import type { Evaluation } from './protocol';
import type { RunState } from './runState';
import { finishedText, notFiniteText } from './stopText';

const REPORT_EVERY_MS = 100;

export class TrainingLoop {
  private readonly pacer = new Pacer();
  /** What the pacer's figures are of: another plan may take far longer a step. */
  private paced: Experiment | undefined;
  private running: Promise<void> = Promise.resolve();
  private lastReportAt = 0;
  /** Most steps a second that the person wants to see; Infinity for as fast as it goes. */
  speedLimit = Infinity;

  constructor(
    private readonly state: RunState,
    private readonly turns: Exclusive,
  ) {}

  /** Begins after what is being built just now; what is built nowhere is told as an error. */
  play(): void {
    if (this.state.playing) return;
    this.state.playing = true;
    this.running = this.run();
  }

  /** Resolves when the loop has ended, of itself or by what stopped it. */
  async ended(): Promise<void> {
    await this.running;
  }

  /** Ends the loop after what is submitted. */
  async stop(): Promise<void> {
    this.state.playing = false;
    await this.running;
  }

  /** Steps up to `target` at once; the loop must not be running. */
  async advanceTo(target: number): Promise<void> {
    while (this.state.progress.step < target && !this.state.device.lost) await this.burst(target);
  }

  private async run(): Promise<void> {
    try {
      await this.turns.run(() => Promise.resolve());
      if (this.state.playing) this.state.current();
      this.state.progress.measureFromHere();
      while (this.state.playing && this.state.progress.step < this.state.totalSteps) {
        await this.turns.run(() => this.turn());
        await this.waitForSpeedLimit();
      }
      if (this.state.playing && this.state.progress.step >= this.state.totalSteps)
        await this.turns.run(() => this.finish());
    } catch (error) {
      this.state.playing = false;
      if (!(await this.state.device.wasLost()))
        this.state.setup.emit({ kind: 'error', message: textOf(error), stopped: true });
    }
  }

  private async turn(): Promise<void> {
    if (!this.state.playing || !this.state.experiment) return;
    if (this.evaluationDue()) await this.evaluateNow();
    await this.burst(this.state.totalSteps);
    const now = this.state.now();
    const { reportEvery } = this.state.setup;
    const due = reportEvery ? this.state.progress.step % reportEvery === 0 : now - this.lastReportAt >= REPORT_EVERY_MS;
    if (due) await this.report();
    // A checkpoint reports as well: where reports are counted by steps it waits for one, or two runs would report at other steps.
    if (this.state.keeper.due && (due || !reportEvery)) await this.checkpoint();
  }

  /** One submission: as many steps as the pacer finds right, up to the next change, evaluation or the end. */
  private async burst(end: number): Promise<void> {
    await this.applyDueChanges();
    const experiment = this.state.current();
    if (experiment !== this.paced) this.pacer.reset();
    this.paced = experiment;
    const target = Math.min(
      end,
      this.state.recipe.nextAfter(this.state.progress.step),
      nextMultiple(this.state.progress.step, this.evaluationEvery()),
      nextMultiple(this.state.progress.step, this.state.setup.reportEvery ?? 0),
      this.state.progress.reported + experiment.historyCapacity,
      this.state.progress.step + (experiment.feed?.capacity ?? Infinity),
    );
    const count = Math.max(1, Math.min(this.pacer.steps, target - this.state.progress.step));
    const before = this.state.now();
    experiment.feed?.write(this.state.progress.step, count);
    experiment.plan.runMany(count);
    experiment.feed?.prepare(this.state.progress.step + count, count);
    await this.state.device.done();
    this.pacer.took(count, this.state.now() - before);
    this.state.progress.step += count;
    if (this.state.progress.step - this.state.progress.reported >= experiment.historyCapacity) await this.report();
  }

  private async waitForSpeedLimit(): Promise<void> {
    if (!Number.isFinite(this.speedLimit)) return;
    this.pacer.steps = 1;
    await new Promise((resolve) => setTimeout(resolve, 1000 / this.speedLimit));
  }

  private async applyDueChanges(): Promise<void> {
    const due = this.state.recipe.at(this.state.progress.step);
    if (Object.keys(due).every((id) => due[id] === this.state.config[id])) return;
    await this.state.switchTo(due);
    this.state.tellSettings();
  }

  private evaluationEvery(): number {
    return Number(this.state.config['every'] ?? 0);
  }

  private evaluationDue(): boolean {
    const every = this.evaluationEvery();
    // Not before the first step: whoever presses play wants to see it move.
    return (
      every > 0 &&
      this.state.progress.step > 0 &&
      this.state.progress.step % every === 0 &&
      this.state.progress.evaluatedAt !== this.state.progress.step
    );
  }

  async evaluateNow(): Promise<Evaluation> {
    this.state.progress.evaluatedAt = this.state.progress.step;
    const metrics = await this.state
      .current()
      .evaluate((done, total) => this.state.setup.emit({ kind: 'progress', what: 'evaluation', done, total }));
    const evaluation = { step: this.state.progress.step, metrics };
    this.state.curve.evaluated(evaluation);
    this.state.setup.emit({ kind: 'evaluation', evaluation });
    this.pacer.reset();
    this.state.progress.measureFromHere();
    return evaluation;
  }

  async report(): Promise<void> {
    const experiment = this.state.experiment;
    if (!experiment) return;
    const rows = await experiment.readHistory(this.state.progress.reported, this.state.progress.step);
    this.state.curve.append(rows);
    const bad = firstNotFinite(rows, experiment.columns);
    const first = this.state.progress.reported;
    if (rows.length > 0) this.state.progress.broken = bad !== undefined;
    this.state.setup.emit({
      kind: 'report',
      report: {
        step: this.state.progress.step,
        totalSteps: this.state.totalSteps,
        rows,
        columns: experiment.columns,
        stepsPerSecond: this.state.progress.takeRate(),
        playing: this.state.playing,
      },
    });
    this.state.progress.reported = this.state.progress.step;
    this.lastReportAt = this.state.now();
    if (bad) this.stopNotFinite(first + bad.row, bad.column);
  }

  private stopNotFinite(step: number, column: string): void {
    this.state.playing = false;
    this.state.stop('not-finite', notFiniteText(step, column, this.state.keeper.lastGood?.snapshot.step), step);
  }

  /** Keeps the run as it stands, unless it has not begun or has gone wrong. */
  async checkpoint(): Promise<void> {
    this.state.keeper.waitFromHere();
    await this.report();
    const { experiment, progress, keeper, recipe } = this.state;
    if (!experiment || progress.step === 0 || progress.broken) return;
    await keeper.keep(recipe, this.state.checkpointOf(await experiment.snapshot()));
  }

  private async finish(): Promise<void> {
    this.state.playing = false;
    await this.report();
    if (this.evaluationEvery() > 0 && this.state.progress.evaluatedAt !== this.state.progress.step)
      await this.evaluateNow();
    await this.checkpoint();
    this.state.stop('finished', finishedText(this.state.progress.step));
  }
}

/**
 * The first row whose loss or gradient norm is not finite, and which of the two. A norm that is not finite leaves the weights as they are:
 * the run would go on without learning.
 */
function firstNotFinite(
  rows: Float32Array,
  columns: readonly string[],
): { readonly row: number; readonly column: string } | undefined {
  const watched = columns.flatMap((column, at) => (at === 0 || column === 'gradientNorm' ? [{ column, at }] : []));
  for (let row = 0; row * columns.length < rows.length; row++)
    for (const { column, at } of watched) if (!Number.isFinite(rows[row * columns.length + at])) return { row, column };
  return undefined;
}
