import { describe, expect, it } from 'vitest';
import { shortNumber, ticks } from './chart';

describe('a chart’s ticks', () => {
  it('cover the range with round numbers', () => {
    expect(ticks(0, 100)).toEqual([0, 25, 50, 75, 100]);
    expect(ticks(61.2, 78.9)).toEqual([60, 65, 70, 75, 80]);
    expect(ticks(-3, 8)).toEqual([-5, 0, 5, 10]);
  });

  it('come apart where all points are one', () => {
    for (const value of [0, 5, -2, 1e-7]) {
      const found = ticks(value, value);
      expect(found.length).toBeGreaterThan(1);
      expect(Math.min(...found)).toBeLessThanOrEqual(value);
      expect(Math.max(...found)).toBeGreaterThanOrEqual(value);
    }
  });

  it('are short', () => {
    expect([0.12345, 12.345, 1234.5, 0].map(shortNumber)).toEqual(['0.123', '12.3', '1,235', '0']);
  });
});
