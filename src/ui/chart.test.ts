import { describe, expect, it } from 'vitest';
import { logAxis, shortNumber, ticks } from './chart';

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

  it('are powers of ten on a logarithmic axis, at equal distances', () => {
    const axis = logAxis(0.03, 70);
    expect(axis.ticks).toEqual([0.01, 0.1, 1, 10, 100]);
    expect(axis.ticks.map(axis.place).map((p) => Number(p.toFixed(6)))).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(axis.place(0)).toBe(0);
    expect(logAxis(1e-12, 1e8).ticks.length).toBeLessThanOrEqual(6);
  });

  it('are short', () => {
    expect([0.12345, 12.345, 1234.5, 0].map(shortNumber)).toEqual(['0.123', '12.3', '1,235', '0']);
    expect([0.0001, 1.23e-5, 2e7].map(shortNumber)).toEqual(['1e-4', '1.23e-5', '2e7']);
  });
});
