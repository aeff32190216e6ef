/** Steps a second between the first report of a run and the last: the first submission, in which the driver compiles, is not in it. */
export class Pace {
  private first: { readonly step: number; readonly at: number } | undefined;
  private last: { readonly step: number; readonly at: number } | undefined;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** The run has come to a step. */
  reached(step: number): void {
    const mark = { step, at: this.now() };
    if (step > 0) this.first ??= mark;
    this.last = mark;
  }

  /** Undefined where there were not two reports. */
  get stepsPerSecond(): number | undefined {
    const { first, last } = this;
    if (!first || !last || last.step <= first.step || last.at <= first.at) return undefined;
    return ((last.step - first.step) * 1000) / (last.at - first.at);
  }
}
