import { describe, expect, it } from 'vitest';
import { difference, MAGNIFIED, meanDistance, shownPaths, shrink } from './shown';

describe('what is shown of samples', () => {
  it('measures how far samples lie from those of the same number', () => {
    // One 5 away, one in place: √(25/2).
    expect(meanDistance(Float32Array.of(3, 4, 1, 1), Float32Array.of(0, 0, 1, 1), 2)).toBeCloseTo(Math.sqrt(12.5), 6);
    // Sets of another size have no distance.
    expect(meanDistance(Float32Array.of(1, 2), Float32Array.of(1), 1)).toBeNaN();
  });

  it('shows differences around grey', () => {
    const drawn = Array.from(difference(Float32Array.of(1, 0.25, 0.5, 0.25), Float32Array.of(0, 0.25, 1, 0)));
    expect(drawn).toEqual([1, 0.5, 0, 0.5 + (MAGNIFIED * 0.25) / 2]);
  });

  it('draws noised states at the spread of the data', () => {
    expect(shrink(0, 1, 0.5)).toBe(1);
    // The spread of x̄ is √(σ_data² + σ²), and the state is s times that.
    const [sigma, signal] = [1.2, 0.4];
    expect(shrink(sigma, signal, 0.5) * signal * Math.hypot(0.5, sigma)).toBeCloseTo(0.5, 12);
    // Flow at t = 1 has no data in its state.
    expect(Number.isFinite(shrink(3, 0, 0.5))).toBe(true);
  });

  it('keeps the first ways of a path, level by level', () => {
    const path = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12); // two levels, three points
    const levels = { sigmas: Float32Array.of(0, 0), signals: Float32Array.of(1, 0.5) };
    expect(Array.from(shownPaths(path, { ...levels, count: 2 }))).toEqual([1, 2, 3, 4, 14, 16, 18, 20]);
    expect(shownPaths(path, { ...levels, count: 9 })).toHaveLength(12);
  });
});
