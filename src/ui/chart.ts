import type { Text } from '../train/control';

/** One line, or the bars of one colour. */
export interface Series {
  readonly name: Text;
  readonly points: readonly (readonly [number, number])[];
  /** Number of its mark (markers.ts), where that must not follow its place: series come and go. */
  readonly mark?: number;
}

/** A chart of few points, as plain data: what a measurement has found so far. */
export interface Chart {
  readonly kind: 'lines' | 'bars';
  /** Axes on which equal distances are equal factors; for lines of positive numbers. */
  readonly log?: { readonly x?: boolean; readonly y?: boolean };
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

/** Where numbers lie on an axis, 0 … 1, and the numbers that are written at it. */
export interface Axis {
  readonly ticks: readonly number[];
  place(value: number): number;
}

export function linearAxis(low: number, high: number): Axis {
  const all = ticks(low, high);
  const [first = 0, last = 1] = [all[0], all.at(-1)];
  return { ticks: all, place: (value) => (value - first) / (last - first) };
}

/** From a power of ten to a power of ten; at most `most` of them are written. Numbers of 0 and below lie at the low end. */
export function logAxis(low: number, high: number, most = 6): Axis {
  const positive = (value: number) => (value > 0 && Number.isFinite(value) ? value : 1e-12);
  const first = Math.floor(Math.log10(positive(low)) + 1e-9);
  const last = Math.max(first + 1, Math.ceil(Math.log10(positive(high)) - 1e-9));
  const every = Math.ceil((last - first + 1) / most);
  const powers = Array.from({ length: Math.floor((last - first) / every) + 1 }, (_, i) => 10 ** (first + i * every));
  const place = (value: number) => (Math.log10(positive(value)) - first) / (last - first);
  return { ticks: powers, place: (value) => Math.max(0, place(value)) };
}

/** Three figures are all that a small chart shows. */
export function shortNumber(value: number): string {
  if (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6))
    return value
      .toExponential(2)
      .replace(/\.?0+e/, 'e')
      .replace('e+', 'e');
  return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}
