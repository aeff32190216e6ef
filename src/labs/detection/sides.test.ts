import { describe, expect, it } from 'vitest';
import { settle } from '../../train/lab';
import { labDefaults } from '../../train/lab';
import { meta } from './meta';
import { boxesOfSide, COMPARISONS } from './sides';

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
});
