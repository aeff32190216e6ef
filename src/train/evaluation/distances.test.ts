import { describe, expect, it } from 'vitest';
import { philoxNormals } from '../../engine/philox';
import { energyDistance } from './energyDistance';
import { slicedWasserstein } from './slicedWasserstein';

/** N(shift, scale²) in every coordinate. */
function normals(count: number, width: number, stream: string, shift = 0, scale = 1) {
  const points = philoxNormals(count * width, 7, stream).map((z) => shift + scale * z);
  return { points: Float32Array.from(points), count, width };
}
const sample = (points: number[], width: number) => ({
  points: Float32Array.from(points),
  count: points.length / width,
  width,
});
/** E|N(m, s²)|, with the error function by its series. */
function meanAbsolute(m: number, s: number): number {
  const x = m / (s * Math.SQRT2);
  let [term, erf] = [x, x];
  for (let n = 1; n < 60; n++) {
    term *= (-x * x) / n;
    erf += term / (2 * n + 1);
  }
  return s * Math.sqrt(2 / Math.PI) * Math.exp(-x * x) + (m * 2 * erf) / Math.sqrt(Math.PI);
}

describe('the sliced Wasserstein distance', () => {
  it('of two points on a line is their distance, also where counts differ', () => {
    expect(slicedWasserstein(sample([1], 1), sample([4], 1))).toBeCloseTo(3, 5);
    expect(slicedWasserstein(sample([0, 0, 3], 1), sample([0, 3], 1))).toBeCloseTo(Math.sqrt(9 / 6), 5);
  });

  it('of normals of two widths is the difference of their deviations', () => {
    const [a, b] = [normals(4000, 2, 'a'), normals(5000, 2, 'b', 0, 1.5)];
    expect(Math.abs(slicedWasserstein(a, b) - 0.5)).toBeLessThan(0.04);
    expect(slicedWasserstein(a, normals(4000, 2, 'c'))).toBeLessThan(0.06);
  });

  it('shrinks a shift in n dimensions by √n', () => {
    const a = normals(50, 5, 'a');
    const moved = { ...a, points: a.points.map((x, i) => (i % 5 === 2 ? x + 2 : x)) };
    expect(Math.abs(slicedWasserstein(a, moved, { directions: 4000 }) - 2 / Math.sqrt(5))).toBeLessThan(0.03);
  });

  it('names samples that do not fit', () => {
    expect(() => slicedWasserstein(sample([1, 2], 2), sample([1], 1))).toThrow(/\[1, 2\] and \[1, 1\]/);
  });
});

describe('the energy distance', () => {
  it('of two heaps is twice their distance', () => {
    expect(energyDistance(sample([0, 0, 0, 0], 2), sample([3, 4, 3, 4, 3, 4], 2))).toBeCloseTo(10, 5);
  });

  it('of two normals is what the closed form says', () => {
    const [a, b] = [normals(3000, 1, 'a'), normals(3000, 1, 'b', 1, 2)];
    const want = 2 * meanAbsolute(1, Math.sqrt(5)) - meanAbsolute(0, Math.SQRT2) - meanAbsolute(0, Math.sqrt(8));
    expect(want).toBeGreaterThan(0.3);
    expect(Math.abs(energyDistance(a, b) - want)).toBeLessThan(0.05);
    expect(Math.abs(energyDistance(a, normals(3000, 1, 'c')))).toBeLessThan(0.005);
  });

  it('names samples that do not fit', () => {
    expect(() => energyDistance(sample([1], 1), sample([1, 2], 1))).toThrow(/two points at least/);
  });
});
