import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { normaliseCloud, pickPoints, sampleSurface } from './cloud';
import { Draws } from './draws';
import type { FileReader } from './load';
import { loadShapeSet, readShapeCard, readShapeFacts, SHIPPED_SHAPES } from './loadShapes';
import { boxMesh, joinMeshes } from './mesh';
import { composeRoom, roomClasses } from './room';
import { cloudOf, packCloud, splitOf } from './shapeSet';
import { localShapes, solids } from './solids';

const read: FileReader = async (path) => {
  const bytes = await readFile(join(import.meta.dirname, '../../public', path));
  return new Uint8Array(bytes).buffer;
};

describe('surfaces', () => {
  it('are sampled by area, on the triangles, with their normals, the same for the same seed', () => {
    const mesh = joinMeshes([
      { mesh: boxMesh([0, 0, 0], [2, 1, 1]), part: 0 },
      { mesh: boxMesh([5, 0, 0], [1, 1, 1]), part: 3 },
    ]);
    const cloud = sampleSurface(mesh, 8000, new Draws(3, 'test'));
    // Areas 10 and 6.
    expect(cloud.parts.filter((p) => p === 3).length / 8000).toBeCloseTo(6 / 16, 1);
    for (let i = 0; i < 200; i++) {
      const [x = 0, y = 0, z = 0] = cloud.points.subarray(3 * i, 3 * i + 3);
      const from = cloud.parts[i] === 3 ? [(x - 5) * 2, y * 2, z * 2] : [x, y * 2, z * 2];
      expect(Math.max(...from.map(Math.abs))).toBeCloseTo(1, 5);
      const n = cloud.normals.subarray(3 * i, 3 * i + 3);
      expect(Math.abs(from.reduce((sum, v, c) => sum + v * (n[c] ?? 0), 0))).toBeCloseTo(1, 5);
    }
    expect(sampleSurface(mesh, 8000, new Draws(3, 'test')).points).toEqual(cloud.points);
  });

  it('without an area are refused', () => {
    const flat = { positions: [0, 0, 0, 1, 1, 1, 2, 2, 2], triangles: [0, 1, 2] };
    expect(() => sampleSurface(flat, 4, new Draws(1, 'flat'))).toThrow(/no triangle with an area/);
  });

  it('normalise to the reference sheet’s unit sphere', () => {
    const points = [0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0, 0.5, 0.5, 1, 0.5, 0, 0, 0.2, 0.1, 0.9, 0.9, 0.8, 0.3];
    const raw = { points: Float32Array.from(points), normals: new Float32Array(24), parts: new Uint8Array(8) };
    const { cloud } = normaliseCloud(raw);
    [-0.6266300863547576, -0.5196444618551648, -0.3362405341415771].forEach((v, c) =>
      expect(cloud.points[c]).toBeCloseTo(v, 6),
    );
    expect(pickPoints(cloud, [3, 3]).points[0]).toBeCloseTo(0.5960627650691595, 6);
  });
});

describe('sets of shapes', () => {
  it('hold clouds within a byte', () => {
    const { train } = solids({ points: 64, train: 1, test: 1, seed: 5 });
    const cloud = cloudOf(train, 2);
    const again = cloudOf(splitOf([{ cloud, label: 2, radius: 1 }]), 0);
    expect(again).toEqual(cloud);
    expect(packCloud(cloud)).toEqual(train.words.slice(2 * 2 * 64, 3 * 2 * 64));
    for (let i = 0; i < 64; i++) expect(Math.hypot(...cloud.points.subarray(3 * i, 3 * i + 3))).toBeLessThan(1.01);
  });

  it('solids: each class has its parts and no others, and other models are held out', () => {
    const set = solids({ points: 512, train: 3, test: 2, seed: 1 });
    expect([set.train.count, set.test.count]).toEqual([3 * 8, 2 * 8]);
    for (let i = 0; i < set.train.count; i++) {
      const found = [...new Set(cloudOf(set.train, i).parts)].sort((a, b) => a - b);
      expect(found).toEqual([...(set.partsOf[set.train.labels[i] ?? 0] ?? [])].sort((a, b) => a - b));
    }
    expect(cloudOf(set.test, 0)).not.toEqual(cloudOf(set.train, 0));
    expect(solids({ points: 512, train: 3, test: 2, seed: 1 }).train.words).toEqual(set.train.words);
  });

  it('local shapes differ in their surface only: the same sphere within a few hundredths', () => {
    const set = localShapes({ points: 300, train: 1, test: 1, seed: 2 });
    const spread = [0, 1, 2].map((i) => {
      const { points } = cloudOf(set.train, i);
      const radii = Array.from({ length: 300 }, (_, p) => Math.hypot(...points.subarray(3 * p, 3 * p + 3)));
      return Math.max(...radii) - Math.min(...radii);
    });
    expect(spread[0]).toBeLessThan(0.25);
    expect(Math.max(...spread)).toBeLessThan(0.4);
    expect(spread[1]).toBeGreaterThan(0.02);
  });

  it.each(SHIPPED_SHAPES)('%s: the first points are spread over the shape', async (id) => {
    const set = await loadShapeSet(id, read);
    const extent = (shape: number, count: number) => {
      const { points } = cloudOf(set.test, shape);
      return [0, 1, 2].reduce((most, c) => {
        const values = Array.from({ length: count }, (_, i) => points[3 * i + c] ?? NaN);
        return Math.max(most, Math.max(...values) - Math.min(...values));
      }, 0);
    };
    const shares = Array.from({ length: 20 }, (_, shape) => extent(shape, 128) / extent(shape, set.points));
    expect(shares.reduce((a, b) => a + b, 0) / shares.length).toBeGreaterThan(0.85);
  });

  it.each(SHIPPED_SHAPES)('%s: loads, and no family is on both sides', async (id) => {
    const [card, set, facts] = [
      await readShapeCard(id, read),
      await loadShapeSet(id, read),
      await readShapeFacts(id, read),
    ];
    expect(facts.length).toBe(card.train + card.test);
    expect(card.bytes).toBeLessThan(6e6);
    const family = (i: number, split: 'train' | 'test', first: number) =>
      `${set[split].labels[i] ?? ''} ${facts[first + i]?.family ?? ''}`;
    const trained = new Set(Array.from(set.train.labels, (_, i) => family(i, 'train', 0)));
    Array.from(set.test.labels, (_, i) => expect(trained.has(family(i, 'test', card.train))).toBe(false));
    for (const label of set.classes.keys()) {
      expect(set.train.labels.includes(label) && set.test.labels.includes(label)).toBe(true);
    }
    const cloud = cloudOf(set.test, 0);
    const lengths = Array.from({ length: set.points }, (_, i) => [
      Math.hypot(...cloud.points.subarray(3 * i, 3 * i + 3)),
      Math.hypot(...cloud.normals.subarray(3 * i, 3 * i + 3)),
    ]);
    expect(Math.max(...lengths.map(([r = 0]) => r))).toBeCloseTo(1, 1);
    for (const [, n = 0] of lengths) expect(n).toBeCloseTo(1, 1);
    const allowed = new Set(set.partsOf[set.test.labels[0] ?? 0]);
    if (set.parts.length > 0) for (const part of cloud.parts) expect(allowed.has(part)).toBe(true);
  });

  it('a damaged file is named', async () => {
    const damaged: FileReader = async (path) => {
      const bytes = new Uint8Array(await read(path));
      if (path.endsWith('.gz')) bytes[100] = (bytes[100] ?? 0) ^ 1;
      return bytes.buffer;
    };
    await expect(loadShapeSet('furniture', damaged)).rejects.toThrow(/data\/furniture\/data\.bin\.gz is damaged/);
  });
});

describe('rooms', () => {
  it('hold models on the floor, clear of each other, inside walls and floor', async () => {
    const set = await loadShapeSet('furniture', read);
    const room = composeRoom(set, { seed: 4, points: 8192, models: 10, from: 'test' });
    const [width, height, depth] = room.size;
    expect(room.classes).toEqual(roomClasses(set));
    expect(room.placed.length).toBeGreaterThan(2);
    const { points, parts } = room.cloud;
    for (let i = 0; i < parts.length; i++) {
      const [x = 0, y = 0, z = 0] = points.subarray(3 * i, 3 * i + 3);
      expect(Math.abs(x)).toBeLessThanOrEqual(width / 2 + 1e-3);
      expect(Math.abs(z)).toBeLessThanOrEqual(depth / 2 + 1e-3);
      expect(y).toBeGreaterThan(-1e-4);
      expect(y).toBeLessThan(height + 1e-3);
    }
    const labels = new Set(parts);
    expect(labels.has(set.classes.length) && labels.has(set.classes.length + 1)).toBe(true);
    for (const { label } of room.placed) expect(labels.has(label)).toBe(true);
    expect(composeRoom(set, { seed: 4, points: 8192, models: 10, from: 'test' }).cloud).toEqual(room.cloud);
  });

  it('want furniture', () => {
    const set = localShapes({ points: 8, train: 1, test: 1, seed: 1 });
    expect(() => composeRoom(set, { seed: 1, points: 8, models: 1, from: 'train' })).toThrow(/"local" has no class/);
  });
});
