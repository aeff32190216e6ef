import { describe, expect, it } from 'vitest';
import type { Gpu } from '../gpu/device';
import type { Config } from './control';
import type { Experiment, ExperimentFactory, Snapshot } from './experiment';
import type { DataSource } from './dataSource';
import type { DataSummary, LinkRecipe, SessionEvent } from './protocol';
import { Session } from './session';
import type { Checkpoint } from './sessionSetup';

const DATA: DataSummary = { id: 'none', sample: [1], train: 1, test: 1, classes: [] };

/** A device that does nothing, can be lost, and has no memory left when it is told so. */
class FakeDevice {
  full = false;
  lose: (info: GPUDeviceLostInfo) => void = () => undefined;
  readonly lost = new Promise<GPUDeviceLostInfo>((resolve) => (this.lose = resolve));
  readonly queue = { onSubmittedWorkDone: () => Promise.resolve() };
  pushErrorScope(): void {}
  popErrorScope(): Promise<{ message: string } | null> {
    return Promise.resolve(this.full ? { message: 'not enough' } : null);
  }
  destroy(): void {}
}

const snapshotOf = (step: number, weight: number): Snapshot => {
  const named = new Map([['w', { shape: [1], data: Float32Array.of(weight) }]]);
  return { step, parameters: named, firstMoment: new Map(), secondMoment: new Map() };
};

const keyOf = ({ config, changes }: LinkRecipe) => JSON.stringify([config, changes]);

/** A run with a scalar (the loss, or another column) that is no number at `badStep`, the first time that it gets there. */
class Trial {
  readonly devices: FakeDevice[] = [];
  readonly events: SessionEvent[] = [];
  private time = 0;
  private bad: number;
  /** Milliseconds that a submission takes. */
  pace = 1;
  full = false;
  /** Steps that the weights have seen. */
  weights = 0;

  /** Held back while it is not resolved. */
  building = Promise.resolve();
  /** Runs by their links. */
  readonly kept = new Map<string, Checkpoint>();

  constructor(
    badStep = Infinity,
    private readonly badColumn = 0,
    reportEvery = 0,
  ) {
    this.bad = badStep;
    this.session = new Session({
      openGpu: () => {
        const device = new FakeDevice();
        device.full = this.full;
        this.devices.push(device);
        const traits = { features: new Set<string>(), maxBufferSize: 1e9, maxStorageBufferBindingSize: 1e9 };
        return Promise.resolve({ device, traits } as unknown as Gpu);
      },
      factory: {
        loadData: () => Promise.resolve(DATA),
        describeData: () => DATA,
        // Only what hides nothing is too much.
        estimate: ({ config }: { config: Config }) => ({
          dispatches: 1,
          flops: 1,
          bytes: 1,
          largestBuffer: config['mask'] === 0 ? 1e10 : 1,
        }),
        create: () => this.building.then(() => this.experiment()),
      } as unknown as ExperimentFactory<unknown>,
      effectOf: (id) => (id === 'mask' ? 'rebuild' : 'knob'),
      checkpoints: {
        save: (recipe, checkpoint) => Promise.resolve(void this.kept.set(keyOf(recipe), checkpoint)),
        load: (recipe) => Promise.resolve(this.kept.get(keyOf(recipe))),
        remove: (recipe) => Promise.resolve(void this.kept.delete(keyOf(recipe))),
      },
      source: {} as DataSource,
      emit: (event) => void this.events.push(event),
      now: () => this.time,
      ...(reportEvery > 0 && { reportEvery }),
    });
  }

  readonly session: Session;

  private experiment(): Experiment {
    this.weights = 0;
    const plan = {
      dispatches: [],
      activationBytes: { peak: 0, live: 0 },
      flops: 0,
      runMany: (count: number) => {
        this.weights += count;
        this.time += this.pace;
      },
    };
    return {
      plan,
      columns: ['loss', 'gradientNorm'],
      parameterCount: 1,
      historyCapacity: 64,
      readHistory: (from: number, to: number) => {
        const rows = new Float32Array(2 * (to - from)).fill(1);
        if (this.bad >= from && this.bad < to) rows[2 * (this.bad - from) + this.badColumn] = NaN;
        if (to > this.bad) this.bad = Infinity;
        return Promise.resolve(rows);
      },
      setKnobs: () => undefined,
      snapshot: () => Promise.resolve(snapshotOf(this.weights, this.weights)),
      restore: (snapshot: Snapshot) => {
        this.weights = snapshot.step;
        return [];
      },
      evaluate: () => Promise.resolve({}),
      dispose: () => undefined,
    } as unknown as Experiment;
  }

  async open(): Promise<void> {
    await this.session.open({ config: { steps: 200, every: 0, mask: 0.75 }, changes: [], resume: true });
  }

  /** What the page's address holds. */
  recipe(): LinkRecipe {
    const told = this.events.flatMap((e) => (e.kind === 'settings' ? [e.recipe] : [])).at(-1);
    if (!told) throw new Error('the session told no settings');
    return told;
  }

  /** The step that a reload would find. */
  get keptStep(): number | undefined {
    return this.kept.get(keyOf(this.recipe()))?.snapshot.step;
  }

  stopped() {
    return this.events.flatMap((e) => (e.kind === 'stopped' ? [e] : []));
  }
}

describe('a run that goes wrong', () => {
  it('stops where the loss is no number, says at which step, and goes on from the last good checkpoint', async () => {
    const trial = new Trial(150);
    trial.pace = 1500;
    await trial.open();
    await trial.session.playToEnd();
    const [stop] = trial.stopped();
    expect(stop).toMatchObject({ reason: 'not-finite', step: 150 });
    const kept = Number(/The checkpoint of step (\d+) is kept/.exec(stop?.message.en ?? '')?.[1]);
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThanOrEqual(150);
    await trial.session.recover();
    expect(trial.session.step).toBe(kept);
    expect(trial.weights).toBe(kept);
    await trial.session.playToEnd();
    expect(trial.stopped().at(-1)).toMatchObject({ reason: 'finished', step: 200 });
  });

  it('reports at counted steps alone where it is told to, however long they take', async () => {
    const trial = new Trial(Infinity, 0, 10);
    trial.pace = 1500;
    await trial.open();
    await trial.session.playToEnd();
    const reported = trial.events.flatMap((e) =>
      e.kind === 'report' && e.report.rows.length > 0 ? [e.report.step] : [],
    );
    expect(reported).toEqual(Array.from({ length: 20 }, (_, i) => 10 * (i + 1)));
    expect(trial.events.filter((e) => e.kind === 'checkpoint').length).toBeGreaterThan(1);
  });

  it('stops where the norm of the gradient is no number, which updates nothing, and keeps no such step', async () => {
    const trial = new Trial(7, 1);
    await trial.open();
    await trial.session.playToEnd();
    expect(trial.stopped()[0]).toMatchObject({ reason: 'not-finite', step: 7 });
    expect(trial.stopped()[0]?.message.en).toMatch(/gradient's norm is not a finite number at step 7/);
    await trial.session.pause();
    expect(trial.keptStep).toBeUndefined();
  });

  it('starts over where there is no checkpoint yet, and says so', async () => {
    const trial = new Trial(3);
    await trial.open();
    await trial.session.playToEnd();
    expect(trial.stopped()[0]).toMatchObject({ reason: 'not-finite', step: 3 });
    expect(trial.stopped()[0]?.message.en).toMatch(/no checkpoint yet/);
    await trial.session.recover();
    expect(trial.session.step).toBe(0);
  });

  it('keeps the checkpoint when the device is lost, and goes on on a new one', async () => {
    const trial = new Trial();
    trial.pace = 30_000;
    await trial.open();
    await trial.session.advance(20);
    trial.session.play();
    while (!trial.events.some((e) => e.kind === 'checkpoint')) await new Promise((resolve) => setTimeout(resolve));
    trial.devices[0]?.lose({ reason: 'unknown', message: 'unplugged' } as GPUDeviceLostInfo);
    await trial.session.pause();
    const lost = trial.stopped().find((s) => s.reason === 'device-lost');
    expect(lost?.message.en).toMatch(/unplugged/);
    const kept = trial.events.flatMap((e) => (e.kind === 'checkpoint' ? [e.step] : [])).at(-1);
    await trial.session.recover();
    expect(trial.devices).toHaveLength(2);
    expect(trial.session.step).toBe(kept);
  });

  it('says what to do where the device has no memory left', async () => {
    const trial = new Trial();
    trial.full = true;
    await expect(trial.open()).rejects.toThrow(/out of GPU memory: not enough; use a smaller batch or width/);
    expect(trial.stopped()[0]).toMatchObject({ reason: 'out-of-memory' });
  });
});

/** A promise and what resolves it. */
function gate(): { readonly closed: Promise<void>; readonly open: () => void } {
  let open = () => {};
  const closed = new Promise<void>((resolve) => (open = resolve));
  return { closed, open };
}

const moment = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('a run that is left', () => {
  it('is kept when it is paused, long before a checkpoint is due', async () => {
    const trial = new Trial();
    await trial.open();
    trial.session.setSpeedLimit(100);
    trial.session.play();
    while (trial.session.step < 5) await moment();
    await trial.session.pause();
    expect(trial.session.step).toBeLessThan(200);
    expect(trial.keptStep).toBe(trial.session.step);
  });

  it('is kept when the page may go, and soon after single steps', async () => {
    const trial = new Trial();
    await trial.open();
    await trial.session.keep();
    expect(trial.kept.size).toBe(0);
    await trial.session.advance(3);
    await trial.session.keep();
    expect(trial.keptStep).toBe(3);
    await trial.session.advance();
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(trial.keptStep).toBe(4);
  });

  it('is found under its new link while the new plan is still being built', async () => {
    const trial = new Trial();
    await trial.open();
    await trial.session.advance(21);
    const { closed, open } = gate();
    trial.building = closed;
    const moved = trial.session.configure({ steps: 200, every: 0, mask: 0.5 });
    await moment();
    expect(trial.recipe().changes).toEqual([{ step: 21, id: 'mask', value: 0.5 }]);
    expect(trial.keptStep).toBe(21);
    open();
    await moved;
    expect(trial.weights).toBe(21);
  });

  it('has the settings and the link of before where a new plan cannot be built, and goes on with them', async () => {
    const trial = new Trial();
    await trial.open();
    await trial.session.advance(21);
    trial.building = Promise.reject(new Error('no such kernel'));
    await expect(trial.session.configure({ steps: 200, every: 0, mask: 0.5 })).rejects.toThrow('no such kernel');
    expect(trial.recipe()).toEqual({ config: { steps: 200, every: 0, mask: 0.75 }, changes: [] });
    trial.building = Promise.resolve();
    await trial.session.recover();
    expect([trial.session.step, trial.weights]).toEqual([21, 21]);
  });
});

describe('play', () => {
  it('during a rebuild begins after it', async () => {
    const trial = new Trial();
    await trial.open();
    const { closed, open } = gate();
    trial.building = closed;
    const moved = trial.session.configure({ steps: 200, every: 0, mask: 0.5 });
    await moment();
    trial.session.play();
    await moment();
    expect(trial.session.step).toBe(0);
    open();
    await moved;
    while (trial.session.step < 200) await moment();
  });

  it('can be taken back during a rebuild', async () => {
    const trial = new Trial();
    await trial.open();
    const { closed, open } = gate();
    trial.building = closed;
    const moved = trial.session.configure({ steps: 200, every: 0, mask: 0.5 });
    await moment();
    trial.session.play();
    const paused = trial.session.pause();
    open();
    await Promise.all([moved, paused]);
    await moment();
    expect(trial.session.step).toBe(0);
  });
});

describe('a link with a change that is too much for the device', () => {
  const changes = [
    { step: 20, id: 'mask', value: 0.5 },
    { step: 40, id: 'mask', value: 0 },
  ];
  const config = { steps: 200, every: 0, mask: 0.75 };

  it('asks when it opens, and names the step', async () => {
    const trial = new Trial();
    await expect(trial.session.open({ config, changes, ask: true })).rejects.toThrow(
      /From step 40 on: One buffer of this model takes .* MiB; this device allows 954 MiB/,
    );
    await expect(trial.session.open({ config, changes: changes.slice(0, 1), ask: true })).resolves.toBeUndefined();
  });

  it('goes on without asking where that was answered', async () => {
    const trial = new Trial();
    await trial.session.open({ config, changes, ask: false });
    await trial.session.playToEnd();
    expect(trial.session.step).toBe(200);
  });
});
