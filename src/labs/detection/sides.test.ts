import { describe, expect, it } from 'vitest';
import { settle } from '../../train/lab';
import { labDefaults } from '../../train/lab';
import { meta } from './meta';
import { boxesOfSide, COMPARISONS, ends, thinned } from './sides';

describe('two detectors side by side', () => {
  it('differ in what is compared alone, and stay as they are set', () => {
    for (const { sides } of Object.values(COMPARISONS)) {
      const [one, other] = sides.map(({ config }) => settle(meta, { ...labDefaults(meta), ...config }).config);
      const differing = Object.keys(one ?? {}).filter((id) => one?.[id] !== other?.[id]);
      expect(differing.sort()).toEqual(Object.keys(sides[1].config).sort());
    }
  });

  it('give their boxes back from figures', () => {
    const box = { x1: 1, y1: 2, x2: 3, y2: 4, label: 5, score: 0.5 };
    const figures = Object.fromEntries(Object.entries(box).map(([part, v]) => [`1.box.7.0.${part}`, v]));
    expect(boxesOfSide(figures, 1, 7)).toEqual([{ box: [1, 2, 3, 4], label: 5, score: 0.5, region: 0 }]);
    expect(boxesOfSide(figures, 0, 7)).toEqual([]);
    expect(boxesOfSide(figures, 1, 6)).toEqual([]);
  });

  it('take turns that end with the run', () => {
    expect(ends(60, 6)).toEqual([10, 20, 30, 40, 50, 60]);
    expect(ends(7, 3)).toEqual([2, 5, 7]);
    expect(ends(4, 6)).toEqual([1, 2, 3, 4]);
  });

  it('show means of a long run, and every loss of a short one', () => {
    expect(thinned([3, 2])).toEqual([
      [1, 3],
      [2, 2],
    ]);
    const long = thinned(Array.from({ length: 121 }, (_, i) => i));
    expect(long.length).toBe(40);
    expect(long[0]).toEqual([3, 1]);
  });
});
