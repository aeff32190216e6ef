import { describe, expect, it } from 'vitest';
import type { Gpu } from '../gpu/device';
import type { Experiment, ExperimentFactory, Snapshot } from './experiment';
import type { DataSource } from './dataSource';
import type { DataSummary, SessionEvent } from './protocol';
import { Session } from './session';

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

/** A run whose loss is no number at `badStep`, the first time that it gets there. */
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

  constructor(badStep = Infinity) {
    this.bad = badStep;
  }

  readonly session = new Session({
    openGpu: () => {
      const device = new FakeDevice();
      device.full = this.full;
      this.devices.push(device);
      const traits = { features: new Set<string>() };
      return Promise.resolve({ device, traits } as unknown as Gpu);
    },
    factory: {
      loadData: () => Promise.resolve(DATA),
      describeData: () => DATA,
      create: () => Promise.resolve(this.experiment()),
    } as unknown as ExperimentFactory<unknown>,
    effectOf: () => 'knob',
    source: {} as DataSource,
    emit: (event) => void this.events.push(event),
    now: () => this.time,
  });

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
      columns: ['loss'],
      parameterCount: 1,
      historyCapacity: 64,
      readHistory: (from: number, to: number) => {
        const rows = Float32Array.from({ length: to - from }, (_, i) => (from + i === this.bad ? NaN : 1));
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
    await this.session.open({ config: { steps: 200, every: 0 }, changes: [] });
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
