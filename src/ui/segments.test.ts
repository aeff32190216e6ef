import { describe, expect, it } from 'vitest';
import { fitsInSegments } from './segments';

describe('options of a choice', () => {
  it.each([
    [['random', 'block', 'grid', 'drawn'], true],
    [['f32', 'f16'], true],
    [['随机', '块', '网格', '手绘'], true],
    [['random', 'one block', 'an even grid', 'drawn'], false],
    [['标准化像素', '原始像素', '离散标记', '重建特征'], false],
    [['A label as long as the whole column is wide'], false],
  ])('%j stand beside each other: %s', (labels, fits) => {
    expect(fitsInSegments(labels)).toBe(fits);
  });
});
