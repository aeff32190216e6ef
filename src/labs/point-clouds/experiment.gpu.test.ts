import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { testRuntime } from '../../../tests/helpers/gpu';
import { SOLID_PARTS } from '../../data/solids';
import type { Config } from '../../train/control';
import { labDefaults, settle } from '../../train/lab';
import type { DataSource } from '../../train/dataSource';
import type { View } from '../../train/protocol';
import { experiment } from './experiment';
import { meta } from './meta';

const TIMEOUT = 600_000;
const source: DataSource = {
  read: async (path) => {
    const file = await readFile(join(import.meta.dirname, '../../../public', path));
    return file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer;
  },
  ownImages: () => Promise.resolve(undefined),
};

const TINY: Config = { data: 'solids', points: 64, batch: 4, width: 8, bottleneck: 32, centres: 16, members: 4, k: 4 };

async function open(changes: Config) {
  const { config, problems } = settle(meta, { ...labDefaults(meta), ...TINY, ...changes });
  expect(problems).toEqual([]);
  const runtime = await testRuntime();
  const data = await experiment.loadData(config, source);
  const made = await experiment.create({ runtime, config, data });
  made.setKnobs(config);
  return { made, config, data };
}

const shapeOf = (views: Readonly<Record<string, View>>, name: string) => views[name]?.shape;
const sum = (data: ArrayLike<number> | undefined) => Array.from(data ?? []).reduce((a, b) => a + b, 0);

describe('runs of the five methods', () => {
  it(
    'PointNet learns, and shows critical points that give the same answer alone',
    async () => {
      const { made } = await open({ batch: 16, dropout: 0, lr: 0.01, warmup: 0, steps: 100 });
      made.plan.runMany(60);
      const rows = await made.readHistory(0, 60);
      const losses = Array.from({ length: 60 }, (_, i) => rows[3 * i] ?? NaN);
      expect(sum(losses.slice(50)) / 10).toBeLessThan(0.7 * Math.log(8));
      const critical = await made.view('critical', { shapes: [3], lattice: 6 });
      expect(shapeOf(critical, 'points')).toEqual([64, 3]);
      expect(sum(critical['features']?.data)).toBe(32);
      const [whole, alone] = [critical['logits']?.data, critical['criticalLogits']?.data];
      expect(Array.from(alone ?? [])).toEqual(Array.from(whole ?? [NaN]));
      // Points that are in the cloud are within the upper bound: the bound is not empty unless the lattice misses it all.
      expect((critical['upper']?.shape[0] ?? 0) % 1).toBe(0);
      const seen = await made.view('objects', { shapes: [0, 5] });
      expect(shapeOf(seen, 'probabilities')).toEqual([2, 8]);
      expect(sum(seen['probabilities']?.data)).toBeCloseTo(2, 4);
      const own = await made.view('objects', {
        own: { points: Float32Array.from({ length: 300 }, (_, i) => Math.sin(i)) },
      });
      expect(shapeOf(own, 'probabilities')).toEqual([1, 8]);
      await expect(made.view('levels', {})).rejects.toThrow('belongs to method pointnet2');
      await expect(made.view('nothing', {})).rejects.toThrow('there are objects');
      await expect(made.view('objects', { shapes: [9999] })).rejects.toThrow('give 0 to');
      made.dispose();
    },
    TIMEOUT,
  );

  it(
    'T-Nets start as the identity, so that the aligned cloud is the cloud',
    async () => {
      const { made } = await open({ tnetin: true, tnetfeat: true });
      const found = await made.view('transforms', { shapes: [1, 2] });
      expect(Array.from(found['input']?.data.slice(0, 9) ?? [])).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
      expect(shapeOf(found, 'feature')).toEqual([2, 8, 8]);
      const [points, aligned] = [found['points']?.data, found['aligned']?.data];
      expect(Array.from(aligned ?? [])).toEqual(Array.from(points ?? [NaN]));
      made.dispose();
    },
    TIMEOUT,
  );

  it(
    'evaluates on what the sliders distort as well, beside the baselines',
    async () => {
      const { made } = await open({ lookdrop: 0.5, lookoutliers: 0.2 });
      const metrics = await made.evaluate();
      expect(metrics['majority']).toBeCloseTo(1 / 8, 6);
      expect(metrics['neighbours']).toBeGreaterThan(0.6);
      for (const name of ['accuracy', 'classAccuracy', 'heldOutLoss', 'seen.accuracy', 'seen.heldOutLoss'])
        expect(Number.isFinite(metrics[name]), name).toBe(true);
      const judged = await made.view('judgement', {});
      expect(sum(judged['confusion']?.data)).toBe(120);
      made.dispose();
    },
    TIMEOUT,
  );

  it(
    'PointNet++ on parts: levels lie inside each other, and parts are those of the category',
    async () => {
      const { made } = await open({ method: 'pointnet2', task: 'parts', grouping: 'msg' });
      made.plan.runMany(3);
      const levels = await made.view('levels', { shapes: [4] });
      expect(shapeOf(levels, 'centres.1')).toEqual([16, 3]);
      expect(shapeOf(levels, 'centres.2')).toEqual([4, 3]);
      expect(shapeOf(levels, 'members.1')).toEqual([16, 4]);
      expect(Math.max(...Array.from(levels['members.2']?.data ?? []))).toBeLessThan(16);
      const widest = await made.view('levels', { shapes: [4], scale: 2 });
      expect(shapeOf(widest, 'members.1')).toEqual([16, 8]);
      expect(Array.from(widest['radii']?.data ?? [])).toEqual(Array.from(levels['radii']?.data ?? [], (r) => 2 * r));
      const seen = await made.view('objects', { shapes: [0, 1] });
      const category = seen['labels']?.data[0] ?? -1;
      expect(category).toBe(0);
      expect(new Set(seen['predictions']?.data.slice(0, 64)).size).toBeLessThanOrEqual(2);
      expect(Number(seen['iou']?.data[0])).toBeGreaterThanOrEqual(0);
      const judged = await made.view('judgement', {});
      const categories = judged['categoryIou']?.data.length ?? 0;
      expect(shapeOf(judged, 'categoryPartIou')).toEqual([categories, SOLID_PARTS.length]);
      // A lamp has no legs.
      expect(Array.from(judged['categoryPartIou']?.data ?? []).filter(Number.isNaN).length).toBeGreaterThan(categories);
      expect(shapeOf(judged, 'partIou')).toEqual([1]);
      const metrics = await made.evaluate();
      expect(metrics['partIou']).toBeGreaterThan(0);
      expect(metrics['neighboursPartIou']).toBeGreaterThan(Number(metrics['majorityPartIou']));
      made.dispose();
    },
    TIMEOUT,
  );

  it(
    'DGCNN: a point is the nearest to itself in every layer',
    async () => {
      const { made } = await open({ method: 'dgcnn' });
      made.plan.runMany(3);
      const found = await made.view('neighbours', { shapes: [2], point: 7 });
      expect(shapeOf(found, 'neighbours')).toEqual([4, 4]);
      expect(shapeOf(found, 'distances')).toEqual([4, 64]);
      for (let layer = 0; layer < 4; layer++) {
        const near = found['neighbours']?.data[layer * 4] ?? -1;
        expect(found['distances']?.data[layer * 64 + near]).toBeCloseTo(0, 4);
      }
      made.dispose();
    },
    TIMEOUT,
  );

  it(
    'voxels and views: the grid holds the cloud; each pooled feature has a winner',
    async () => {
      const { made } = await open({ method: 'voxels' });
      made.plan.runMany(3);
      const found = await made.view('grid', { shapes: [0] });
      expect(shapeOf(found, 'occupancy')).toEqual([16, 16, 16]);
      const filled = sum(found['occupancy']?.data);
      expect(filled).toBeGreaterThan(10);
      expect(filled).toBeLessThanOrEqual(64);
      made.dispose();
      const { made: views } = await open({ method: 'views', views: 3, viewsize: 16, shading: 'normals' });
      views.plan.runMany(3);
      const pictures = await views.view('pictures', { shapes: [0] });
      expect(shapeOf(pictures, 'pictures')).toEqual([3, 3, 16, 16]);
      expect(sum(pictures['wins']?.data)).toBe(4 * 8 * 2 * 2);
      views.dispose();
    },
    TIMEOUT,
  );

  it(
    'rooms: every point of a block is labelled, block by block',
    async () => {
      const { made } = await open({ task: 'scene', data: 'rooms', points: 128 });
      made.plan.runMany(3);
      const room = await made.view('room', { room: 1 });
      const count = room['points']?.shape[0] ?? 0;
      expect(count).toBe(16384);
      const predictions = Array.from(room['predictions']?.data ?? []);
      expect(predictions.filter((p) => p < 17).length / count).toBeGreaterThan(0.95);
      const metrics = await made.evaluate();
      expect(metrics['meanIou']).toBeGreaterThan(0);
      expect(metrics['neighbours']).toBeGreaterThan(Number(metrics['majority']));
      made.dispose();
    },
    TIMEOUT,
  );
});

describe('the same object as four representations', () => {
  it(
    'is judged by a network of each kind, trained alike',
    async () => {
      const { made, config, data } = await open({ views: 2, viewsize: 16 });
      const context = { runtime: await testRuntime(), config, data, snapshot: await made.snapshot() };
      const told: number[] = [];
      const found = await experiment.measures?.['comparison']?.run(
        context,
        { shapes: [0, 9], steps: 4 },
        ({ done, total }) => told.push(done / total),
        new AbortController().signal,
      );
      for (const method of ['views', 'voxels', 'pointnet', 'dgcnn']) {
        const chances = Array.from({ length: 8 }, (_, k) => found?.figures[`${method}.9.${k}`] ?? NaN);
        expect(sum(chances), method).toBeCloseTo(1, 5);
        expect(found?.figures[`${method}.accuracy`]).toBeGreaterThanOrEqual(0);
      }
      expect(found?.chart.series.map((s) => s.points.length)).toEqual([2, 2, 2, 2]);
      expect(told).toEqual([...told].sort((a, b) => a - b));
      const asked = { shapes: [9] };
      const clean = await made.view('compared', asked);
      made.setKnobs({ ...config, looknoise: 0.2, lookdrop: 0.5 });
      const distorted = await made.view('compared', asked);
      for (const method of ['views', 'voxels', 'pointnet', 'dgcnn']) {
        const chances = Array.from(clean[method]?.data ?? []);
        chances.forEach((p, k) => expect(p).toBeCloseTo(found?.figures[`${method}.9.${k}`] ?? NaN, 5));
        expect(Array.from(distorted[method]?.data ?? []), method).not.toEqual(chances);
        expect(clean[`${method}.accuracy`]?.data[0]).toBeCloseTo(found?.figures[`${method}.accuracy`] ?? NaN, 5);
      }
      made.dispose();
      const { made: other } = await open({ data: 'local' });
      expect(await other.view('compared', asked)).toEqual({});
      other.dispose();
    },
    TIMEOUT,
  );
});

describe('settings that do not fit each other', () => {
  it('are named and mended', () => {
    const settled = (changes: Config) => settle(meta, { ...labDefaults(meta), ...changes });
    const scene = settled({ method: 'voxels', task: 'scene' });
    expect(scene.problems.length).toBeGreaterThan(0);
    expect(scene.config).toMatchObject({ task: 'classification', data: 'furniture' });
    expect(settled({ task: 'parts' }).config['data']).toBe('components');
    expect(settled({ data: 'rooms' }).config['data']).toBe('furniture');
    expect(settled({ task: 'scene' }).config['data']).toBe('rooms');
    expect(settled({ points: 4096 }).config['points']).toBe(2048);
    expect(settled({ method: 'pointnet2', centres: 512 }).config['centres']).toBe(256);
    for (const { config } of meta.presets) expect(settled(config).problems).toEqual([]);
  });
});
