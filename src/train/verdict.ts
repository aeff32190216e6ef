/** Verdicts as functions of measured numbers alone. */
import type { Verdict } from './protocol';

/** A difference between two sides over seeds. */
export interface Difference {
  readonly mean: number;
  /** Half the 95% interval of the mean over the seeds (Student's t), never less than LEAST_NOISE. */
  readonly noise: number;
}

/** Accuracies nearer than one point are not told apart: two or three seeds may agree by luck, and a thousand images resolve no finer. */
const LEAST_NOISE = 0.01;

/**
 * Student's t for 95% on both sides, by degrees of freedom (n − 1) from 1. With few seeds two standard errors would be far too sure: a
 * spread that is itself estimated from two numbers may be off by any factor.
 */
const STUDENT_T = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228] as const;

/** Beyond the table its last value, on the safe side by an eighth at most. */
function studentT(freedom: number): number {
  return STUDENT_T[Math.min(freedom, STUDENT_T.length) - 1] ?? Infinity;
}

/** Mean of a − b, pair by pair (one pair for each seed), with its noise. One pair alone has no noise estimate: it is infinite. */
export function pairedDifference(a: readonly number[], b: readonly number[]): Difference {
  const differences = a.map((value, i) => value - (b[i] ?? NaN));
  const n = differences.length;
  const mean = average(differences);
  if (n < 2) return { mean, noise: Infinity };
  const variance = differences.reduce((sum, d) => sum + (d - mean) ** 2, 0) / (n - 1);
  return { mean, noise: Math.max(LEAST_NOISE, studentT(n - 1) * Math.sqrt(variance / n)) };
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
