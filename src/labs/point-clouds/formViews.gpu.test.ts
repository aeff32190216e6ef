import { describe, expect, it } from 'vitest';
import { testRuntime } from '../../../tests/helpers/gpu';
import { Draws } from '../../data/draws';
import { emptyCloud } from '../../data/cloud';
import { UNDISTORTED } from '../../engine/ops/augmentPoints';
import { ParameterSet } from '../../nn/parameters';
import { loadPointData } from './data/data';
import { labDefaults } from '../../train/lab';
import { meta } from './meta';
import type { PointNetShape } from './networkShape';
import { Reader } from './reader';
import { facts } from './views/facts';
import { forms } from './views/forms';
import type { Looker } from './views/looker';

const TIMEOUT = 300_000;
const SHAPE: PointNetShape = {
  ...{ method: 'pointnet', task: 'classification', channels: 3, outputs: 8, categories: 0, width: 8, dropout: 0 },
  // Smooth enough for differences: the largest of many may change hands.
  ...{ bottleneck: 64, inputTransform: false, featureTransform: false, pooling: 'mean' },
};
const POINTS = 37;

async function looker(turn: number): Promise<Looker> {
  const runtime = await testRuntime();
  const weights = new ParameterSet(5);
  const nothing = { read: () => Promise.reject(new Error('no file')), ownImages: () => Promise.resolve(undefined) };
  const data = await loadPointData({ ...labDefaults(meta), data: 'solids' }, nothing);
  const look = { points: POINTS, distortion: { ...UNDISTORTED, turn } };
  const reader = new Reader(runtime, weights, SHAPE);
  return { runtime, data, network: SHAPE, weights, reader, look, points: POINTS };
}

describe('the forms of a cloud', () => {
  it(
    'hold the same points: each cell, each nearest neighbour, each picture',
    async () => {
      const seen = await forms(await looker(0), { shapes: [3], side: 9, k: 2, views: 3, size: 16 });
      const points = Array.from(seen['points']?.data ?? []);
      const at = (i: number) => points.slice(3 * i, 3 * i + 3);
      const cell = (v: number) => Math.min(8, Math.floor(((v + 1) / 2) * 9));
      const grid = seen['grid']?.data ?? [];
      for (let i = 0; i < POINTS; i++) {
        const [x = 0, y = 0, z = 0] = at(i);
        expect(grid[(cell(z) * 9 + cell(y)) * 9 + cell(x)]).toBeGreaterThan(0);
      }
      const away = (i: number, j: number) => at(i).reduce((sum, v, c) => sum + (v - (at(j)[c] ?? 0)) ** 2, 0);
      const nearest = Math.min(...Array.from({ length: POINTS - 1 }, (_, j) => away(0, j + 1)));
      expect(away(0, seen['neighbours']?.data[0] ?? 0)).toBeCloseTo(nearest, 6);
      expect(seen['pictures']?.shape).toEqual([3, 1, 16, 16]);
      expect(Math.max(...Array.from(seen['pictures']?.data ?? []))).toBeGreaterThan(0.2);
    },
    TIMEOUT,
  );

  it(
    'turn the normals with the points',
    async () => {
      const still = await facts(await looker(0), { shapes: [0] });
      const turned = await facts(await looker(1), { shapes: [0] });
      const [before, after] = [still['normals']?.data ?? [], turned['normals']?.data ?? []];
      expect(Array.from(after)).not.toEqual(Array.from(before));
      for (let i = 0; i < POINTS; i++) {
        const ahead = (of: ArrayLike<number>) => Math.hypot(of[3 * i] ?? 0, of[3 * i + 2] ?? 0);
        // The vertical part stays, and the length of the horizontal one.
        expect(after[3 * i + 1]).toBeCloseTo(before[3 * i + 1] ?? NaN, 5);
        expect(ahead(after)).toBeCloseTo(ahead(before), 4);
      }
      expect(Array.from(turned['parts']?.data ?? [])).toEqual(Array.from(still['parts']?.data ?? [NaN]));
    },
    TIMEOUT,
  );
});

describe('saliency', () => {
  it(
    'is the length of the gradient of the largest logit by each point',
    async () => {
      const { reader } = await looker(0);
      const draws = new Draws(2, 'saliency');
      const cloud = emptyCloud(POINTS);
      cloud.points.forEach((_, i) => (cloud.points[i] = draws.between(-0.8, 0.8)));
      // One form for all: fresh weights are made with the first.
      const options = { points: POINTS, distortion: UNDISTORTED, taps: ['saliency'] };
      const { logits, taps } = await reader.see([{ cloud }], options);
      const best = logits.indexOf(Math.max(...logits));
      // Small: a longer one crosses the kinks of ReLU.
      const step = 0.001;
      const logitWith = async (at: number, by: number) => {
        const points = cloud.points.slice();
        points[at] = (points[at] ?? 0) + by;
        return (await reader.see([{ cloud: { ...cloud, points } }], options)).logits[best] ?? NaN;
      };
      const said = Array.from(taps['saliency']?.data ?? []);
      // Pooling by the maximum lets few points count: the most salient one, and two others whatever they are.
      const first = said.indexOf(Math.max(...said));
      expect(said[first]).toBeGreaterThan(1e-4);
      for (const point of [first, 0, POINTS - 1]) {
        const slopes: number[] = [];
        for (let c = 0; c < 3; c++) {
          const at = 3 * point + c;
          slopes.push(((await logitWith(at, step)) - (await logitWith(at, -step))) / (2 * step));
        }
        const length = Math.hypot(...slopes);
        expect(Math.abs((said[point] ?? NaN) - length)).toBeLessThan(0.1 * length + 1e-3);
      }
    },
    TIMEOUT,
  );
});
