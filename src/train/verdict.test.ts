import { describe, expect, it } from 'vitest';
import { differenceVerdict, pairedDifference, ratioVerdict, spreadOf } from './verdict';

/** Normal numbers by Box and Muller from a linear congruential generator. */
function normalDraws(seed: number): () => number {
  let state = seed;
  const uniform = () => (state = (state * 1664525 + 1013904223) % 2 ** 32) / 2 ** 32;
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

describe('a difference over seeds', () => {
  it('has a mean and a 95% interval by Student’s t, wide where there are few seeds', () => {
    const { mean, noise } = pairedDifference([0.7, 0.8, 0.6], [0.5, 0.5, 0.5]);
    expect(mean).toBeCloseTo(0.2, 12);
    expect(noise).toBeCloseTo((4.303 * 0.1) / Math.sqrt(3), 12);
    // Two seeds, 0.65 and 3.85 points over: two standard errors would call +2.25 ± 1.6 decided.
    const two = pairedDifference([0.6065, 0.6385], [0.6, 0.6]);
    expect(two.mean).toBeCloseTo(0.0225, 12);
    expect(two.noise).toBeCloseTo(12.706 * 0.016, 12);
    expect(differenceVerdict(two, 0)).toBe('undecided');
  });

  it('covers the true mean in 95 of 100 trials, with two seeds as with five or twenty', () => {
    const normals = normalDraws(7);
    for (const seeds of [2, 3, 5, 20]) {
      let covered = 0;
      for (let trial = 0; trial < 4000; trial++) {
        const differences = Array.from({ length: seeds }, normals);
        const { mean, noise } = pairedDifference(
          differences,
          differences.map(() => 0),
        );
        if (Math.abs(mean) <= noise) covered++;
      }
      expect(covered / 4000).toBeGreaterThan(0.935);
      expect(covered / 4000).toBeLessThan(seeds > 11 ? 0.98 : 0.965);
    }
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
