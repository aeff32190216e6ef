import { describe, expect, it } from 'vitest';
import { compute } from '../../../tests/helpers/compute';
import { constant } from '../state';
import { pointBatch } from './pointBatch';

const [SHAPES, STORED] = [3, 37];
const byte = (v: number) => v & 0xff;

/** Point p of shape s: x = s, y = p − 18, z = −s, part s + p; normal (127, −127, p). */
const WORDS = Uint32Array.from({ length: 2 * SHAPES * STORED }, (_, i) => {
  const [s, p] = [Math.floor(i / 2 / STORED), Math.floor(i / 2) % STORED];
  const [a, b, c, d] = i % 2 === 0 ? [s, p - 18, -s, s + p] : [127, -127, p, 0];
  return (byte(a) | (byte(b) << 8) | (byte(c) << 16) | (byte(d) << 24)) >>> 0;
});

function batch(step: number, options: { points: number; normals: boolean; resample: boolean }) {
  const chance = { seed: constant(3, [], 'u32'), step: constant(step, [], 'u32') };
  const items = constant([2, 0, 2], [3], 'u32');
  const words = constant(WORDS, [WORDS.length], 'u32');
  return compute({ ...pointBatch(words, items, chance, { stored: STORED, stream: 'points', ...options }) });
}

describe('pointBatch', () => {
  it('unpacks the first points, normals and parts', async () => {
    const { points, parts } = await batch(0, { points: 5, normals: true, resample: false });
    expect(Array.from(points.subarray(6, 12), (v) => Math.round(v * 127))).toEqual([2, -17, -2, 127, -127, 1]);
    expect(Array.from(parts)).toEqual([2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 2, 3, 4, 5, 6]);
  });

  it.each([
    [37, 0],
    [11, 4],
  ])('draws %i points, each once, in another order for each item and step', async (points, step) => {
    const options = { points, normals: false, resample: true };
    const first = await batch(step, options);
    const places = Array.from(
      { length: 3 * points },
      (_, i) => Math.round((first.points[3 * i + 1] ?? NaN) * 127) + 18,
    );
    for (let b = 0; b < 3; b++) {
      const own = places.slice(b * points, (b + 1) * points);
      expect(new Set(own).size).toBe(points);
      own.forEach((p, n) => expect(first.parts[b * points + n]).toBe(([2, 0, 2][b] ?? 0) + p));
    }
    expect(places.slice(0, points)).not.toEqual(places.slice(2 * points));
    expect((await batch(step, options)).points).toEqual(first.points);
    expect((await batch(step + 1, options)).points).not.toEqual(first.points);
  });

  it('names a number of points that is not stored', () => {
    const [word, one] = [constant([0, 0], [2], 'u32'), constant(0, [], 'u32')];
    const options = { stored: 1, points: 2, normals: false, resample: false, stream: 's' };
    expect(() => pointBatch(word, constant([0], [1], 'u32'), { seed: one, step: one }, options)).toThrow(
      /2 of 1 stored points; give 1 to 1/,
    );
  });
});
