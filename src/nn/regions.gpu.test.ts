import { describe, expect, it } from 'vitest';
import { compute } from '../../tests/helpers/compute';
import { vjp } from '../engine/autodiff';
import { relativeError } from '../engine/goldenCheck';
import { full } from '../engine/ops/pointwise';
import { constant } from '../engine/state';
import { anchors, chosenRegions, hardest, sampleRegions, smoothL1 } from './regions';

const total = (values: ArrayLike<number>) => Array.from(values).reduce((n, v) => n + v, 0);
const number = (value: number) => constant(Uint32Array.from([value]), [], 'u32');
const row = (values: readonly number[]) => constant(Float32Array.from(values), [1, values.length]);

describe('anchors', () => {
  it('are centred in their cells, with the areas and ratios asked for', () => {
    const made = anchors({ height: 2, width: 3, stride: 8, scales: [16, 32], ratios: [0.5, 1, 2] });
    expect(made.length).toBe(2 * 3 * 6 * 4);
    // Row 1, column 2; ratio 2, scale 32.
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = made.subarray(4 * (5 * 6 + 5));
    expect((x1 + x2) / 2).toBeCloseTo(20, 4);
    expect((y1 + y2) / 2).toBeCloseTo(12, 4);
    expect((x2 - x1) * (y2 - y1)).toBeCloseTo(1024, 2);
    expect((y2 - y1) / (x2 - x1)).toBeCloseTo(2, 5);
  });
});

describe('smooth L1', () => {
  it('agrees with the reference values, and its slope with differences', async () => {
    const x = [-2, -0.5, -0.1, 0, 0.1, 0.111, 0.9, 1, 3];
    const input = row(x);
    const [sigma1, sigma3] = [smoothL1(input), smoothL1(input, 3)];
    const [slope] = vjp([sigma3], [full([1, 9], 1)], [input]);
    if (!slope) throw new Error('no slope');
    const found = await compute({ sigma1, sigma3, slope });
    expect(relativeError(found.sigma1, [1.5, 0.125, 0.005, 0, 0.005, 0.0061605, 0.405, 0.5, 2.5])).toBeLessThan(1e-6);
    const want3 = [1.9444444444444444, 0.4444444444444444, 0.045, 0, 0.045, 0.0554445, 0.8444444444444444];
    expect(relativeError(found.sigma3, [...want3, 0.9444444444444444, 2.9444444444444446])).toBeLessThan(1e-6);
    expect(relativeError(found.slope, [-1, -1, -0.9, 0, 0.9, 0.999, 1, 1, 1])).toBeLessThan(1e-6);
  });
});

describe('choices of regions', () => {
  const labels = Array.from({ length: 61 }, (_, i) => (i % 7 === 0 ? 1 : i % 3 === 0 ? -1 : 0));

  async function sample(step: number, size: number, positives: number, of = labels) {
    const options = { size, positives, stream: 'regions' };
    const { positive, negative } = sampleRegions(row(of), number(5), number(step), options);
    return compute({ positive, negative });
  }

  it('takes as many positives as allowed, and fills up with negatives', async () => {
    const { positive, negative } = await sample(1, 16, 4);
    expect(total(positive)).toBe(4);
    expect(total(negative)).toBe(12);
    labels.forEach((label, i) => {
      if (positive[i] === 1) expect(label).toBe(1);
      if (negative[i] === 1) expect(label).toBe(0);
    });
  });

  it('takes all positives where there are few, and no more than there are', async () => {
    const few = labels.map((label, i) => (label === 1 && i > 7 ? 0 : label));
    const { positive, negative } = await sample(1, 16, 8, few);
    expect(total(positive)).toBe(2);
    expect(total(negative)).toBe(14);
    const scarce = await sample(
      1,
      16,
      8,
      few.map((label) => (label === 0 ? -1 : label)),
    );
    expect(total(scarce.negative)).toBe(0);
  });

  it('is another choice each step, and the same for the same step', async () => {
    const [a, b, again] = [await sample(1, 16, 4), await sample(2, 16, 4), await sample(1, 16, 4)];
    expect(Array.from(a.negative)).not.toEqual(Array.from(b.negative));
    expect(Array.from(a.negative)).toEqual(Array.from(again.negative));
  });

  it('names the chosen in order, and says which places are empty', async () => {
    const { indices, present } = chosenRegions(row([0, 1, 0, 0, 1, 1, 0]), 5);
    const found = await compute({ indices, present });
    expect(Array.from(found.indices).slice(0, 3)).toEqual([1, 4, 5]);
    expect(Array.from(found.present)).toEqual([1, 1, 1, 0, 0]);
  });

  it('keeps the hardest by all of their loss', async () => {
    const classes = [0.2, 2.3, 0.1, 1.1, 0.9, 0.05];
    const boxes = [0, 0.4, 0, 0.2, 0.6, 0];
    const found = await compute({ mask: hardest(row(classes.map((v, i) => v + (boxes[i] ?? 0))), 3) });
    expect(Array.from(found.mask)).toEqual([0, 1, 0, 1, 1, 0]);
  });
});
