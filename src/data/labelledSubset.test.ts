import { describe, expect, it } from 'vitest';
import { labelledSubset } from './labelledSubset';

const split = {
  pixels: Uint8Array.from({ length: 12 }, (_, i) => i),
  labels: Uint8Array.of(0, 1, 0, 1, 0, 2),
  count: 6,
};

describe('a labelled subset', () => {
  it('takes so many of each class by the keys, with their pixels, and fewer where there are fewer', () => {
    const few = labelledSubset(split, 2, [0.9, 0.2, 0.1, 0.4, 0.3, 0.5]);
    expect(Array.from(few.labels)).toEqual([0, 1, 0, 1, 2]);
    expect(Array.from(few.pixels)).toEqual([4, 5, 2, 3, 8, 9, 6, 7, 10, 11]);
  });

  it('grows by adding', () => {
    const keys = [0.9, 0.2, 0.1, 0.4, 0.3, 0.5];
    const pixels = (n: number) => Array.from(labelledSubset(split, n, keys).pixels);
    expect(pixels(3)).toEqual(expect.arrayContaining(pixels(1)));
    expect(labelledSubset(split, 1, keys).count).toBe(3);
  });
});
