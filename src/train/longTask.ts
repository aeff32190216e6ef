/** One long measurement at a time, which can be stopped. */
import { SaidError } from '../data/saidError';

export class LongTask {
  private running: { readonly stop: AbortController; readonly done: Promise<unknown> } | undefined;

  /** Gives what the work gives, or undefined when it was stopped. Throws while another one runs, and what the work throws. */
  async run<R>(work: (signal: AbortSignal) => Promise<R>): Promise<R | undefined> {
    if (this.running)
      throw new SaidError({
        en: 'Something is being measured already; stop it first, or wait for its end.',
        zh: '已有测量在进行；请先停止它，或等待结束。',
      });
    const stop = new AbortController();
    const done = work(stop.signal);
    this.running = { stop, done };
    try {
      return await done;
    } catch (error) {
      if (stop.signal.aborted) return undefined;
      throw error;
    } finally {
      this.running = undefined;
    }
  }

  /** Stops what runs, if anything, and waits until it has freed what it held. */
  async stop(): Promise<void> {
    const { running } = this;
    if (!running) return;
    running.stop.abort();
    await running.done.catch(() => undefined);
  }
}
