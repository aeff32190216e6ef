// What training hides on the device and what the page hides on the host: the same number of patches, of the same forms.
import { describe, expect, it } from 'vitest';
import { compute } from '../../../tests/helpers/compute';
import { argsort } from '../../engine/ops/argsort';
import { maskKeys } from '../../engine/ops/maskKeys';
import { constant } from '../../engine/state';
import { maskFromRanks, visibleCount } from './mae';
import { hiddenPatches } from './masks';

const [IMAGES, GRID] = [24, 8];
type Shape = 'random' | 'block' | 'grid';
type Masks = (shape: Shape, ratio: number) => Promise<readonly Float32Array[]>;

const device: Masks = async (shape, ratio) => {
  const [seed, step] = [constant(5, [], 'u32'), constant(3, [], 'u32')];
  const keys = maskKeys(seed, step, { rows: IMAGES, grid: GRID, shape, stream: 'mask' });
  const { mask } = await compute({ mask: maskFromRanks(argsort(keys).ranks, visibleCount(GRID * GRID, ratio)) });
  const all = Float32Array.from(mask);
  return Array.from({ length: IMAGES }, (_, n) => all.subarray(n * GRID * GRID, (n + 1) * GRID * GRID));
};
const host: Masks = (shape, ratio) =>
  Promise.resolve(Array.from({ length: IMAGES }, (_, n) => hiddenPatches(GRID, ratio, shape, 5, n)));

const cells = (mask: Float32Array, value: number) =>
  [...mask.keys()].filter((i) => mask[i] === value).map((i) => [i % GRID, Math.floor(i / GRID)] as const);
const distinct = (masks: readonly Float32Array[]) => new Set(masks.map((m) => m.join(''))).size;

describe.each([
  ['device', device],
  ['host', host],
] as const)('masks of the %s', (_, masks) => {
  it.each(['random', 'block', 'grid'] as const)(
    '%s: hide what the ratio says, not less and not more',
    async (shape) => {
      for (const [ratio, visible] of [
        [0, 64],
        [0.5, 32],
        [0.9, 6],
        [0.95, 3],
        [0.99, 1],
      ] as const)
        for (const mask of await masks(shape, ratio)) expect(cells(mask, 0)).toHaveLength(visible);
    },
  );

  it.each(['random', 'block', 'grid'] as const)('%s: a larger ratio adds to what a smaller one hid', async (shape) => {
    const [few, many] = [await masks(shape, 0.4), await masks(shape, 0.7)];
    few.forEach((mask, n) => mask.forEach((hidden, i) => hidden && expect(many[n]?.[i]).toBe(1)));
  });

  it('random: every patch is as likely to be hidden', async () => {
    const all = await masks('random', 0.75);
    expect(distinct(all)).toBe(IMAGES);
    for (let i = 0; i < GRID * GRID; i++) {
      const share = all.reduce((total, mask) => total + (mask[i] ?? NaN), 0) / IMAGES;
      // Five deviations of a share of 0.75 in 24 images.
      expect(Math.abs(share - 0.75)).toBeLessThan(5 * Math.sqrt(0.1875 / IMAGES));
    }
  });

  it('block: the hidden ones are one rectangle, but for its rim', async () => {
    const all = await masks('block', 0.4);
    expect(distinct(all)).toBeGreaterThan(IMAGES / 2);
    const boxes = all.map((mask) => {
      const hidden = cells(mask, 1);
      const [xs, ys] = [hidden.map(([x]) => x), hidden.map(([, y]) => y)];
      const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
      // Cells as far from the middle as the farthest hidden one are hidden by chance; nearer ones all are.
      for (let y = top + 1; y < bottom; y++)
        for (let x = left + 1; x < right; x++) expect(mask[y * GRID + x], `cell ${x}, ${y}`).toBe(1);
      return [right - left + 1, bottom - top + 1] as const;
    });
    // Some wide, some tall, and most of them smaller than the image.
    expect(boxes.some(([w, h]) => w > h)).toBe(true);
    expect(boxes.some(([w, h]) => w < h)).toBe(true);
    expect(boxes.filter(([w, h]) => w * h < GRID * GRID).length).toBeGreaterThan(IMAGES / 2);
  });

  it('grid: one of every 2×2 stays at 75%, a chessboard at 50%', async () => {
    for (const mask of await masks('grid', 0.75)) {
      const places = cells(mask, 0).map(([x, y]) => `${x % 2} ${y % 2}`);
      expect(new Set(places).size).toBe(1);
    }
    for (const mask of await masks('grid', 0.5)) {
      expect(new Set(cells(mask, 0).map(([x, y]) => (x + y) % 2)).size).toBe(1);
    }
  });
});
