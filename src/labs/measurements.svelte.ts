/** What trains beside the run, as the page sees it. Kept with the worker, so that a tab that is left goes on and is found again. */
import { proxy, type Remote } from 'comlink';
import { textOf, type Said } from '../data/saidError';
import type { MeasureProgress, MeasureResult } from '../train/protocol';
import type { MeasuringWorker } from './props';

/** One claim or measurement. */
export class Measurement<R extends MeasureResult = MeasureResult> {
  running = $state(false);
  progress = $state.raw<MeasureProgress | undefined>();
  result = $state.raw<R | undefined>();
  failure = $state.raw<Said | undefined>();

  /** Runs `work`; its result replaces the one before, unless it was stopped. */
  async run(work: (onProgress: (progress: MeasureProgress) => void) => Promise<R | undefined>): Promise<void> {
    this.running = true;
    this.progress = undefined;
    this.failure = undefined;
    try {
      const result = await work(proxy((progress: MeasureProgress) => (this.progress = progress)));
      if (result) this.result = result;
    } catch (error) {
      this.failure = textOf(error);
    } finally {
      this.running = false;
    }
  }
}

/** All measurements of one worker, by name. */
export class Measurements {
  private readonly known = new Map<string, Measurement>();
  /** What is running, by name; one at a time. */
  current = $state<string | undefined>();

  of(name: string): Measurement {
    const found = this.known.get(name) ?? new Measurement();
    this.known.set(name, found);
    return found;
  }

  async run(
    name: string,
    work: (onProgress: (progress: MeasureProgress) => void) => Promise<MeasureResult | undefined>,
  ): Promise<void> {
    if (this.current !== undefined) return;
    this.current = name;
    await this.of(name).run(work);
    this.current = undefined;
  }
}

const kept = new WeakMap<object, Measurements>();

export function measurementsOf(worker: Remote<MeasuringWorker>): Measurements {
  const found = kept.get(worker) ?? new Measurements();
  kept.set(worker, found);
  return found;
}
