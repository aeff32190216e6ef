import { describe, expect, it } from 'vitest';
import { DENSITIES, densityOf } from './densities';
import { denoise, mixtureDeviation, mixtureMean, mixtureOf, sampleMixture } from './mixture';
import { alongStrokes, readStrokes, writeStrokes } from './strokes';

describe('a Gaussian mixture', () => {
  const mixture = mixtureOf([
    [-1, 0, 0.2, 0.5],
    [0.8, 0.6, 0.15, 0.3],
    [0.3, -0.9, 0.1, 0.2],
  ]);

  it.each([
    [0.3, 0.2, 0.4, 0.63257372771237, 0.44535487182176664, -2.3467535906867285],
    [-1, 0.1, 0.05, -1, 0.09411764705882353, 0.5095798972589455],
    [0, 0, 1, -0.17778879680646179, -0.012309549928350094, -2.3420349102498323],
    [30, -50, 80, -0.1974225361275602, -0.0019216059208388425, -10.868560335006082],
  ])('has the exact denoiser at (%f, %f), σ %f', (x, y, sigma, dx, dy, logDensity) => {
    const got = denoise(mixture, x, y, sigma);
    expect(got.mean[0]).toBeCloseTo(dx, 5);
    expect(got.mean[1]).toBeCloseTo(dy, 5);
    expect(got.logDensity).toBeCloseTo(logDensity, 4);
  });

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
    expect(Math.max(...density.means.map(Math.abs))).toBeLessThan(1);
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
