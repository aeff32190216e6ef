import { describe, expect, it } from 'vitest';
import { compute } from '../../../tests/helpers/compute';
import { philoxNormals } from '../philox';
import { constant } from '../state';
import { augmentPoints, distortionNumbers, UNDISTORTED, type PointDistortion } from './augmentPoints';

const [B, N, D] = [3, 1031, 6];
const POINTS = philoxNormals(B * N * D, 2, 'cloud').map((v) => v / 4);

async function distorted(change: Partial<PointDistortion>, step = 0, depth = D) {
  const strength = constant(distortionNumbers({ ...UNDISTORTED, ...change }), [9]);
  const chance = { seed: constant(8, [], 'u32'), step: constant(step, [], 'u32') };
  const cloud = depth === D ? POINTS : POINTS.subarray(0, B * N * depth);
  return compute({ ...augmentPoints(constant(cloud, [B, N, depth]), chance, strength, 'augment') });
}

const row = (x: ArrayLike<number>, i: number) => Array.from({ length: D }, (_, c) => x[i * D + c] ?? NaN);
const share = (source: ArrayLike<number>, of: (from: number, i: number) => boolean) =>
  Array.from(source).filter((from, i) => of(from, i % N)).length / (B * N);

describe('augmentPoints', () => {
  it('leaves clouds alone where nothing is asked', async () => {
    const { points, source } = await distorted({});
    points.forEach((v, i) => expect(v).toBeCloseTo(POINTS[i] ?? NaN, 6));
    expect(share(source, (from, i) => from === i)).toBe(1);
  });

  it('turns about the vertical, each cloud by its own angle, normals along', async () => {
    const { points } = await distorted({ turn: 1 });
    const angles = Array.from({ length: B }, (_, b) => {
      const [x = 0, y = 0, z = 0, nx = 0, ny = 0, nz = 0] = row(POINTS, b * N);
      const [X = 0, Y = 0, Z = 0, NX = 0, NY = 0, NZ = 0] = row(points, b * N);
      expect([Y, NY]).toEqual([y, ny].map(Math.fround));
      expect(Math.hypot(X, Z)).toBeCloseTo(Math.hypot(x, z), 5);
      expect(X * NX + Z * NZ).toBeCloseTo(x * nx + z * nz, 5);
      return Math.atan2(x * Z - z * X, x * X + z * Z);
    });
    expect(new Set(angles.map((a) => a.toFixed(3))).size).toBe(B);
    for (let i = 0; i < N; i++) {
      const [x = 0, , z = 0] = row(POINTS, i);
      const [X = 0, , Z = 0] = row(points, i);
      const a = angles[0] ?? NaN;
      expect(X).toBeCloseTo(Math.cos(a) * x - Math.sin(a) * z, 4);
      expect(Z).toBeCloseTo(Math.sin(a) * x + Math.cos(a) * z, 4);
    }
  });

  it('scales each cloud, and jitters within the limit', async () => {
    const { points } = await distorted({ smallest: 0.5, largest: 2 });
    const scale = (points[0] ?? NaN) / (POINTS[0] ?? NaN);
    expect(scale).toBeGreaterThan(0.5);
    expect(scale).toBeLessThan(2);
    for (let i = 0; i < N; i++) expect(points[i * D]).toBeCloseTo(scale * (POINTS[i * D] ?? NaN), 5);
    const noisy = (await distorted({ jitter: 0.02, jitterLimit: 0.05 })).points;
    const moves = Array.from({ length: B * N }, (_, i) => (noisy[i * D] ?? NaN) - (POINTS[i * D] ?? NaN));
    expect(Math.max(...moves.map(Math.abs))).toBeLessThan(0.0501);
    const deviation = Math.sqrt(moves.reduce((s, v) => s + v * v, 0) / moves.length);
    expect(deviation).toBeGreaterThan(0.018);
    expect(deviation).toBeLessThan(0.022);
  });

  it('drops points evenly: they repeat the first one', async () => {
    const { points, source } = await distorted({ leastDrop: 0.5, mostDrop: 0.5 });
    expect(share(source, (from, i) => from === 0 && i > 0)).toBeCloseTo(0.5, 1);
    Array.from(source).forEach((from, i) => {
      const origin = Math.floor(i / N) * N + from;
      expect(row(points, i).map(Math.fround)).toEqual(row(POINTS, origin).map(Math.fround));
    });
  });

  it('drops another share in each cloud where a range is given', async () => {
    const { source } = await distorted({ leastDrop: 0, mostDrop: 0.875 }, 5);
    const shares = Array.from({ length: B }, (_, b) => {
      const own = source.subarray(b * N, (b + 1) * N);
      return own.filter((from, i) => from !== i).length / N;
    });
    expect(Math.max(...shares) - Math.min(...shares)).toBeGreaterThan(0.1);
  });

  it('thins along a direction', async () => {
    const { source } = await distorted({ densityGradient: 1 });
    const own = Array.from(source.subarray(0, N));
    // The mean place of the kept points is off the mean of all along the gradient.
    const mean = (c: number, which: (i: number) => boolean) => {
      const values = own.flatMap((_, i) => (which(i) ? [POINTS[i * D + c] ?? NaN] : []));
      return values.reduce((a, b) => a + b, 0) / values.length;
    };
    const kept = (i: number) => own[i] === i;
    const shift = Math.hypot(...[0, 2].map((c) => mean(c, kept) - mean(c, () => true)));
    expect(shift).toBeGreaterThan(0.03);
  });

  it('throws outliers into the cube, and says which', async () => {
    const { points, source } = await distorted({ outliers: 0.2 });
    expect(share(source, (from) => from === N)).toBeCloseTo(0.2, 1);
    const thrown = Array.from(source).flatMap((from, i) => (from === N ? row(points, i).slice(0, 3) : []));
    expect(Math.max(...thrown.map(Math.abs))).toBeLessThanOrEqual(1);
    expect(Math.sqrt(thrown.reduce((s, v) => s + v * v, 0) / thrown.length)).toBeCloseTo(Math.sqrt(1 / 3), 1);
  });

  it('is a function of seed and step', async () => {
    const change = { turn: 1, jitter: 0.01, outliers: 0.1 };
    const [first, again, later] = [await distorted(change), await distorted(change), await distorted(change, 1)];
    expect(again.points).toEqual(first.points);
    expect(later.points).not.toEqual(first.points);
  });
});
