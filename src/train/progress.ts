/** How far a run is, how far that was told, and how fast it goes. */
export class Progress {
  /** Updates done. */
  step = 0;
  /** Updates whose scalars were reported. */
  reported = 0;
  /** Step of the last evaluation; −1 before the first. */
  evaluatedAt = -1;
  /** The last step that was told had a number that is not finite: what the weights are now is not to be kept. */
  broken = false;
  private measuredFrom = { step: 0, time: 0 };

  constructor(private readonly now: () => number) {}

  /** Another state of the weights: nothing in between was trained here. */
  jumpTo(step: number): void {
    this.step = step;
    this.reported = step;
    this.broken = false;
    this.measureFromHere();
  }

  /** What took the time until now was no training. */
  measureFromHere(): void {
    this.measuredFrom = { step: this.step, time: this.now() };
  }

  /** Steps a second since the last stretch that took a second or more. */
  takeRate(): number {
    const seconds = (this.now() - this.measuredFrom.time) / 1000;
    const steps = this.step - this.measuredFrom.step;
    if (seconds > 1) this.measureFromHere();
    return seconds > 0 ? steps / seconds : 0;
  }
}

/** The first multiple of `every` after a step; Infinity where there is none to come. */
export function nextMultiple(step: number, every: number): number {
  return every > 0 ? (Math.floor(step / every) + 1) * every : Infinity;
}
