/** Work that must not overlap: one piece at a time, in the order of asking; what fails does not hold up the next. */
export class Exclusive {
  private last: Promise<unknown> = Promise.resolve();

  run<R>(work: () => Promise<R>): Promise<R> {
    const next = this.last.then(work, work);
    this.last = next.catch(() => undefined);
    return next;
  }
}
