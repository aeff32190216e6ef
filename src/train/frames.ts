/**
 * What was seen over a run, at most so many moments: when the store is full every second one goes, so that those kept always spread
 * over the whole run.
 */
export class Frames<T> {
  private kept: { readonly step: number; readonly value: T }[] = [];
  private spacing = 1;

  constructor(private readonly capacity = 64) {}

  get all(): readonly { readonly step: number; readonly value: T }[] {
    return this.kept;
  }

  /** Takes a moment unless it is too near to the last one. A step back (another start) forgets what came after it. */
  add(step: number, value: T): void {
    this.kept = this.kept.filter((f) => f.step < step);
    const last = this.kept.at(-1);
    if (last && step - last.step < this.spacing) return;
    this.kept.push({ step, value });
    if (this.kept.length <= this.capacity) return;
    this.kept = this.kept.filter((_, i) => i % 2 === 0);
    const [first, next] = [this.kept[0]?.step ?? 0, this.kept.at(-1)?.step ?? 0];
    this.spacing = Math.max(this.spacing, ((next - first) / this.capacity) * 2);
  }

  clear(): void {
    this.kept = [];
    this.spacing = 1;
  }
}
