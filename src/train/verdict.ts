/** Verdicts as functions of measured numbers alone. */
import type { Verdict } from './protocol';

/** A difference between two sides over seeds. */
export interface Difference {
  readonly mean: number;
  /** How far the mean may be off: two standard errors over the seeds, never less than LEAST_NOISE. */
  readonly noise: number;
}

/** Accuracies nearer than one point are not told apart: two or three seeds may agree by luck, and a thousand images resolve no finer. */
const LEAST_NOISE = 0.01;

/** Mean of a − b, pair by pair (one pair for each seed), with its noise. One pair alone has no noise estimate: it is infinite. */
export function pairedDifference(a: readonly number[], b: readonly number[]): Difference {
  const differences = a.map((value, i) => value - (b[i] ?? NaN));
  const n = differences.length;
  const mean = average(differences);
  if (n < 2) return { mean, noise: Infinity };
  const variance = differences.reduce((sum, d) => sum + (d - mean) ** 2, 0) / (n - 1);
  return { mean, noise: Math.max(LEAST_NOISE, 2 * Math.sqrt(variance / n)) };
}

/** Whether a difference is at least `margin`: undecided where noise could turn the answer, or where a number is missing. */
export function differenceVerdict({ mean, noise }: Difference, margin: number): Verdict {
  if (!(Math.abs(mean - margin) > noise)) return 'undecided';
  return mean > margin ? 'holds' : 'fails';
}

/** Median and quartiles of ratios measured in turns. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: quantile(values, 0.5), low: quantile(values, 0.25), high: quantile(values, 0.75) };
}

/** Whether a ratio is at least `least`: undecided where that lies between the quartiles. */
export function ratioVerdict({ low, high }: Spread, least: number): Verdict {
  if (low >= least) return 'holds';
  return high < least ? 'fails' : 'undecided';
}

export function average(values: readonly number[]): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}

/** Linear between neighbours; NaN of nothing. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? NaN;
  return below + (place - Math.floor(place)) * ((sorted[Math.ceil(place)] ?? NaN) - below);
}
