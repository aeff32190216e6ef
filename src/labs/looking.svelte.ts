/** Looks at a run again and again as it changes, one look at a time, and leaves most of the device's time to training. */
import { textOf, type Said } from '../data/saidError';

/** A look that took so long is not repeated by itself before as many times that long have passed. */
const REST = 3;

export class Looking<T> {
  /** What was seen last. */
  seen = $state.raw<T | undefined>();
  /** What the last look failed with; looks fail while a session is being rebuilt, and the next one may not. */
  failure = $state.raw<Said | undefined>();
  private busy = false;
  private again = false;
  /** One rest for all looks of a page: several views on screen must not take several shares. */
  private static restUntil = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly ask: () => Promise<T>) {}

  /** A control was moved: look as soon as may be. */
  now(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    void this.look();
  }

  /** The run went on: look when the device has had its rest. */
  soon(): void {
    if (this.timer !== undefined) return;
    const wait = Looking.restUntil - performance.now();
    if (wait <= 0) void this.look();
    else this.timer = setTimeout(() => ((this.timer = undefined), void this.look()), wait);
  }

  /** Forgets what was seen: it belongs to other data. */
  clear(): void {
    this.seen = undefined;
    this.failure = undefined;
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private async look(): Promise<void> {
    if (this.busy) {
      this.again = true;
      return;
    }
    this.busy = true;
    do {
      this.again = false;
      const begun = performance.now();
      try {
        this.seen = await this.ask();
        this.failure = undefined;
      } catch (error) {
        this.failure = textOf(error);
      }
      const now = performance.now();
      Looking.restUntil = Math.max(Looking.restUntil, now + REST * (now - begun));
    } while (this.again);
    this.busy = false;
  }
}
