/** A training run as the page sees it: what the worker reports, kept for drawing. */
import type { Config, Text } from './control';
import type { Notice } from './link';
import type { DataSummary, Evaluation, PlanSummary, SessionEvent } from './protocol';

type Status = 'idle' | 'opening' | 'ready' | 'failed';

/** Numbers of one column that grow without copying on every step. */
class Column {
  values = new Float32Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.values.length) {
      const wider = new Float32Array(this.values.length * 2);
      wider.set(this.values);
      this.values = wider;
    }
    this.values[this.length++] = value;
  }

  get filled(): Float32Array {
    return this.values.subarray(0, this.length);
  }
}

/** Points drawn of a curve; more cannot be told apart on a screen. */
const DRAWN = 600;

export class Run {
  status = $state<Status>('idle');
  message = $state.raw<Text | undefined>();
  step = $state(0);
  totalSteps = $state(0);
  playing = $state(false);
  stepsPerSecond = $state(0);
  plan = $state.raw<PlanSummary | undefined>();
  data = $state.raw<DataSummary | undefined>();
  evaluations = $state.raw<readonly Evaluation[]>([]);
  stopped = $state.raw<Extract<SessionEvent, { kind: 'stopped' }> | undefined>();
  progress = $state.raw<{ what: string; done: number; total: number } | undefined>();
  checkpointStep = $state<number | undefined>();
  /** Step from which the run went on after a reload. */
  resumedAt = $state<number | undefined>();
  /** Name of the model file whose weights the run began with, if any. */
  origin = $state<string | undefined>();
  /** As the session has them; the page's controls follow. */
  settings = $state.raw<Extract<SessionEvent, { kind: 'settings' }> | undefined>();
  /** Features of the device, once it is open; settings that it could not serve. */
  features = $state.raw<readonly string[]>([]);
  notices = $state.raw<readonly Notice[]>([]);
  /** Rises whenever the model has changed: views look again. */
  version = $state(0);

  private firstStep = 0;
  private columns = new Map<string, Column>();

  clear(): void {
    this.step = 0;
    this.stepsPerSecond = 0;
    this.evaluations = [];
    this.stopped = undefined;
    this.checkpointStep = undefined;
    this.resumedAt = undefined;
    this.columns = new Map();
    this.firstStep = 0;
    this.version++;
  }

  take(event: SessionEvent): void {
    switch (event.kind) {
      case 'report': {
        const { report } = event;
        this.append(report.rows, report.columns, report.step);
        this.step = report.step;
        this.totalSteps = report.totalSteps;
        this.playing = report.playing;
        if (report.stepsPerSecond > 0) this.stepsPerSecond = report.stepsPerSecond;
        this.version++;
        return;
      }
      case 'evaluation':
        this.evaluations = [...this.evaluations.filter((e) => e.step < event.evaluation.step), event.evaluation];
        this.progress = undefined;
        return;
      case 'plan':
        this.plan = event.plan;
        // Another plan has another speed.
        this.stepsPerSecond = 0;
        return;
      case 'data':
        this.data = event.data;
        return;
      case 'device':
        this.features = event.features;
        if (event.notices.length > 0) this.notices = event.notices;
        return;
      case 'progress':
        this.progress = event.done < event.total ? event : undefined;
        return;
      case 'checkpoint':
        this.checkpointStep = event.step;
        return;
      case 'started':
        this.clear();
        this.origin = event.origin;
        return;
      case 'resumed':
        this.resume(event);
        return;
      case 'settings':
        this.settings = event;
        return;
      case 'stopped':
        this.playing = false;
        this.stopped = event;
        return;
      case 'error':
        if (event.stopped) this.playing = false;
        this.message = event.message;
    }
  }

  /** A plan is on its way: no step is made meanwhile. */
  get building(): boolean {
    return this.progress?.what === 'data' || this.progress?.what === 'compile';
  }

  /** Changes of controls that the run has gone through, by their steps. */
  get changesSoFar(): readonly { readonly step: number; readonly changes: Config }[] {
    const made = this.settings?.recipe.changes.filter((c) => c.step <= this.step) ?? [];
    return [...new Set(made.map((c) => c.step))].map((step) => ({
      step,
      changes: Object.fromEntries(made.filter((c) => c.step === step).map((c) => [c.id, c.value])),
    }));
  }

  private resume({ step, columns, curve, origin }: Extract<SessionEvent, { kind: 'resumed' }>): void {
    this.resumedAt = step;
    this.origin = origin;
    this.step = step;
    this.evaluations = curve.evaluations;
    this.columns = new Map();
    this.firstStep = curve.from;
    this.append(curve.rows, columns, curve.from + curve.rows.length / Math.max(1, columns.length));
    this.version++;
  }

  private append(rows: Float32Array, names: readonly string[], step: number): void {
    const width = names.length;
    const count = width === 0 ? 0 : rows.length / width;
    const expected = this.firstStep + (this.columns.get(names[0] ?? '')?.length ?? 0);
    if (step - count !== expected) {
      // A jump (checkpoint, reset): the curve starts again from there.
      this.columns = new Map();
      this.firstStep = step - count;
    }
    names.forEach((name, c) => {
      const column = this.columns.get(name) ?? new Column();
      this.columns.set(name, column);
      for (let row = 0; row < count; row++) column.push(rows[row * width + c] ?? NaN);
    });
  }

  /** A column as a curve of at most some hundred points, each the mean of its stretch. Reads `version`, so that effects follow. */
  curve(name: string): { x: number[]; y: number[] } {
    void this.version;
    const values = this.columns.get(name)?.filled ?? new Float32Array();
    const stretch = Math.max(1, Math.ceil(values.length / DRAWN));
    const [x, y]: [number[], number[]] = [[], []];
    for (let begin = 0; begin < values.length; begin += stretch) {
      const part = values.subarray(begin, begin + stretch);
      x.push(this.firstStep + begin + part.length);
      y.push(part.reduce((a, b) => a + b, 0) / part.length);
    }
    return { x, y };
  }

  metric(name: string): { x: number[]; y: number[] } {
    const found = this.evaluations.filter((e) => e.metrics[name] !== undefined);
    return { x: found.map((e) => e.step), y: found.map((e) => e.metrics[name] ?? NaN) };
  }
}
