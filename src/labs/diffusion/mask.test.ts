import { describe, expect, it } from 'vitest';
import { maskCells, middle, onPixels } from './mask';

describe('a drawn mask', () => {
  it('has squares of whole pixels at every size of image, none too small to press', () => {
    expect([8, 16, 28, 32].map(maskCells)).toEqual([8, 16, 14, 16]);
    for (let size = 1; size <= 64; size++) expect(size % maskCells(size)).toBe(0);
  });

  it('begins with the middle', () => {
    expect(Array.from(middle(4))).toEqual([0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0]);
    expect(middle(1)).toEqual(Float32Array.of(1));
  });

  it('covers the pixels of its squares', () => {
    expect(onPixels(Float32Array.of(1, 0, 0, 1), 2, 4)).toEqual([1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1]);
  });
});
