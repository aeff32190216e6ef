/** How far a claim has come, and the numbers that it has found. */
import type { Chart } from '../ui/chart';
import type { Text } from './control';
import type { MeasureProgress } from './protocol';

/** Counts parts of equal length, of which a claim is made. */
export class Parts {
  private done = 0;

  constructor(
    private readonly total: number,
    private readonly chart: () => Chart,
    private readonly onProgress: (progress: MeasureProgress) => void,
  ) {}

  /** Runs something as long as `length` parts, which tells the share 0…1 of it that is done. */
  async run<T>(what: Text, work: (tell: (share: number) => void) => Promise<T>, length = 1): Promise<T> {
    const tell = (share: number) =>
      this.onProgress({ done: this.done + share * length, total: this.total, what, chart: this.chart() });
    tell(0);
    const result = await work(tell);
    this.done += length;
    return result;
  }
}

/** Numbers found so far: by what they are of, then by where on the chart's axis, one for each seed. */
export class Found<Name extends string> {
  private readonly values = new Map<string, number[]>();

  add(name: Name, x: number, value: number): void {
    const key = `${name} ${x}`;
    const known = this.values.get(key);
    if (known) known.push(value);
    else this.values.set(key, [value]);
  }

  /** One number for each seed; none where nothing was measured. */
  of(name: Name, x: number): readonly number[] {
    return this.values.get(`${name} ${x}`) ?? [];
  }

  /** Points of a line: `mean` of the seeds at each x that has been measured. */
  line(name: Name, xs: readonly number[], mean: (values: readonly number[]) => number): (readonly [number, number])[] {
    return xs.flatMap((x) => {
      const values = this.of(name, x);
      return values.length > 0 ? [[x, mean(values)] as const] : [];
    });
  }
}

/** Three figures, as a sentence takes them. */
export function figure(value: number): string {
  return Math.abs(value) < 1e-3 && value !== 0 ? value.toExponential(1) : String(Number(value.toPrecision(3)));
}
