import { describe, expect, it } from 'vitest';
import { dragged, gripAt, keyed, overlap, spanned } from './boxEdit';

const BOXES = [
  [10, 10, 50, 50],
  [20, 20, 30, 30],
] as const;

describe('boxes under the pointer', () => {
  it('prefers corners, then the chosen box, then the smaller one', () => {
    expect(gripAt(BOXES, 11, 9, 2)).toEqual({ index: 0, grip: 'nw' });
    expect(gripAt(BOXES, 25, 25, 2)).toEqual({ index: 1, grip: 'all' });
    expect(gripAt(BOXES, 25, 25, 2, 0)).toEqual({ index: 0, grip: 'all' });
    expect(gripAt(BOXES, 31, 30, 2, 0)).toEqual({ index: 1, grip: 'se' });
    expect(gripAt(BOXES, 60, 60, 2)).toBeUndefined();
  });

  it('keeps a moved box inside and as large, a resized one above the smallest size', () => {
    expect(dragged([10, 10, 50, 50], 'all', 100, -100, 64)).toEqual([24, 0, 64, 40]);
    expect(dragged([10, 10, 50, 50], 'nw', 100, 5, 64)).toEqual([46, 15, 50, 50]);
    expect(dragged([10, 10, 50, 50], 'se', 100, -100, 64)).toEqual([10, 10, 64, 14]);
  });

  it('spans a box either way round, cut to the picture, and none that is too small', () => {
    expect(spanned(30, 40, 10, -5, 64)).toEqual([10, 0, 30, 40]);
    expect(spanned(30, 40, 31, 60, 64)).toBeUndefined();
  });

  it('moves and resizes by arrows, and leaves other keys alone', () => {
    expect(keyed([10, 10, 50, 50], { key: 'ArrowRight', shiftKey: false }, 64)).toEqual([11, 10, 51, 50]);
    expect(keyed([10, 10, 50, 50], { key: 'ArrowDown', shiftKey: true }, 128)).toEqual([10, 10, 50, 52]);
    expect(keyed([10, 10, 50, 50], { key: 'a', shiftKey: false }, 64)).toBeUndefined();
  });

  it('overlaps', () => {
    expect(overlap([0, 0, 2, 2], [1, 0, 3, 2])).toBeCloseTo(1 / 3, 12);
    expect(overlap([0, 0, 2, 2], [2, 0, 3, 2])).toBe(0);
  });
});
