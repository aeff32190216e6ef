import { describe, expect, it } from 'vitest';
import { DENSITIES, densityOf } from './densities';
import { mixtureDeviation, mixtureMean, mixtureOf, sampleMixture } from './mixture';
import { alongStrokes, readStrokes, writeStrokes } from './strokes';

describe('a Gaussian mixture', () => {
  const mixture = mixtureOf([
    [-1, 0, 0.2, 0.5],
    [0.8, 0.6, 0.15, 0.3],
    [0.3, -0.9, 0.1, 0.2],
  ]);

  it('gives points with its own mean and deviation, the same for the same seed', () => {
    const count = 20_000;
    const points = sampleMixture(mixture, count, 3, 'train');
    expect(sampleMixture(mixture, count, 3, 'train')).toEqual(points);
    expect(sampleMixture(mixture, count, 3, 'test')).not.toEqual(points);
    const want = mixtureMean(mixture);
    for (const c of [0, 1]) {
      const mean = points.reduce((sum, x, i) => (i % 2 === c ? sum + x / count : sum), 0);
      expect(Math.abs(mean - (want[c] ?? NaN))).toBeLessThan(0.02);
    }
    const square = points.reduce((sum, x, i) => sum + (x - (want[i % 2] ?? 0)) ** 2 / (2 * count), 0);
    expect(Math.abs(Math.sqrt(square) - mixtureDeviation(mixture))).toBeLessThan(0.01);
  });

  it('names a component without width', () => {
    expect(() => mixtureOf([[0, 1, 0]])).toThrow(/\(0, 1\) has deviation 0/);
    expect(() => mixtureOf([])).toThrow(/no component/);
  });
});

describe('the densities', () => {
  it.each(DENSITIES)('%s has its mean at 0 and lies in −1…1', (name) => {
    const density = densityOf(name, 'AAzz.Zz00');
    expect(Math.hypot(...mixtureMean(density))).toBeLessThan(1e-5);
    expect(Math.max(...density.means.flat().map(Math.abs))).toBeLessThan(1);
    expect(density.weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 4);
    const sigma = mixtureDeviation(density);
    expect(sigma).toBeGreaterThan(0.3);
    expect(sigma).toBeLessThan(0.6);
  });

  it('has the eight Gaussians of the sheet', () => {
    expect(mixtureDeviation(densityOf('gaussians'))).toBeCloseTo(0.497, 3);
  });

  it('has something drawn from the start, and names a text that is no drawing', () => {
    expect(densityOf('drawn', '').weights.length).toBeGreaterThan(20);
    expect(() => densityOf('drawn', 'A?')).toThrow(/not a drawing/);
  });

  it('keeps a very long drawing to a few hundred components', () => {
    const zigzag = Array.from({ length: 80 }, (_, i) => `${i % 2 ? 'A' : '_'}${'ABCDEFGHIJ'[i % 10]}`).join('');
    expect(densityOf('drawn', zigzag).weights.length).toBeLessThanOrEqual(512);
  });
});

describe('strokes', () => {
  it('come back from their text within half a cell', () => {
    const strokes = [
      [
        [-1, -1],
        [0.3, 0.7],
      ],
      [[1, 0]],
    ] as const;
    const read = readStrokes(writeStrokes(strokes));
    expect(read.map((s) => s.length)).toEqual([2, 1]);
    strokes.flat().forEach(([x, y], i) => {
      const [a = NaN, b = NaN] = read.flat()[i] ?? [];
      expect(Math.abs(a - x)).toBeLessThanOrEqual(1 / 64);
      expect(Math.abs(b - y)).toBeLessThanOrEqual(1 / 64);
    });
    expect(writeStrokes(read)).toBe(writeStrokes(strokes));
  });

  it('are walked evenly', () => {
    const places = alongStrokes(
      [
        [
          [0, 0],
          [1, 0],
          [1, 1],
        ],
      ],
      0.3,
    );
    expect(places.length).toBe(8);
    expect(places[0]).toEqual([0, 0]);
    expect(places.at(-1)).toEqual([1, 1]);
  });
});
