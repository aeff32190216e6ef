import type { Text } from '../train/control';

/** One line, or the bars of one colour. */
export interface Series {
  readonly name: Text;
  readonly points: readonly (readonly [number, number])[];
}

/** A chart of few points, as plain data: what a measurement has found so far. */
export interface Chart {
  readonly kind: 'lines' | 'bars';
  readonly x: Text;
  readonly y: Text;
  readonly series: readonly Series[];
}

/** Round numbers at even distances that cover low … high: about `count` of them, at least two. */
export function ticks(low: number, high: number, count = 4): number[] {
  const span = high - low > 0 ? high - low : Math.max(1e-9, Math.abs(high) || 1);
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 2.5, 5, 10].find((m) => m * power >= rough * 0.999) ?? 10);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Three figures are all that a small chart shows. */
export function shortNumber(value: number): string {
  return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}
