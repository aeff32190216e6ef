import { describe, expect, it } from 'vitest';
import { differenceVerdict, pairedDifference, ratioVerdict, spreadOf } from './verdict';

describe('a difference over seeds', () => {
  it('has a mean and two standard errors of noise', () => {
    const { mean, noise } = pairedDifference([0.7, 0.8, 0.6], [0.5, 0.5, 0.5]);
    expect(mean).toBeCloseTo(0.2, 12);
    expect(noise).toBeCloseTo((2 * 0.1) / Math.sqrt(3), 12);
  });

  it('is never surer than one point, and never sure from one seed', () => {
    expect(pairedDifference([0.6, 0.7], [0.5, 0.6]).noise).toBe(0.01);
    expect(pairedDifference([0.9], [0.1]).noise).toBe(Infinity);
  });

  it('holds, fails or stays undecided', () => {
    expect(differenceVerdict({ mean: 0.08, noise: 0.02 }, 0.05)).toBe('holds');
    expect(differenceVerdict({ mean: 0.02, noise: 0.02 }, 0.05)).toBe('fails');
    expect(differenceVerdict({ mean: 0.06, noise: 0.02 }, 0.05)).toBe('undecided');
    expect(differenceVerdict({ mean: 0.04, noise: 0.02 }, 0.05)).toBe('undecided');
    expect(differenceVerdict({ mean: 0.5, noise: Infinity }, 0)).toBe('undecided');
    expect(differenceVerdict({ mean: NaN, noise: 0.02 }, 0)).toBe('undecided');
  });
});

describe('a ratio measured in turns', () => {
  it('is the median with its quartiles', () => {
    expect(spreadOf([4, 1, 3, 2, 5])).toEqual({ median: 3, low: 2, high: 4 });
    expect(spreadOf([1, 2])).toEqual({ median: 1.5, low: 1.25, high: 1.75 });
  });

  it('holds, fails or stays undecided', () => {
    expect(ratioVerdict({ median: 2.5, low: 2.1, high: 2.9 }, 2)).toBe('holds');
    expect(ratioVerdict({ median: 1.5, low: 1.2, high: 1.9 }, 2)).toBe('fails');
    expect(ratioVerdict({ median: 2.1, low: 1.9, high: 2.4 }, 2)).toBe('undecided');
    expect(ratioVerdict(spreadOf([]), 2)).toBe('undecided');
  });
});
