import { describe, expect, it } from 'vitest';
import { Recipe } from './recipe';

const shared = new Recipe({ mask: 0.75, lr: 1 }, [
  { step: 50, id: 'mask', value: 0.1 },
  { step: 200, id: 'mask', value: 0.5 },
]);

describe('a recipe', () => {
  it('tells the settings of any step', () => {
    expect(shared.at(0)).toEqual({ mask: 0.75, lr: 1 });
    expect(shared.at(49)['mask']).toBe(0.75);
    expect(shared.at(50)['mask']).toBe(0.1);
    expect(shared.at(1000)).toEqual({ mask: 0.5, lr: 1 });
    expect([0, 50, 199, 200].map((s) => shared.nextAfter(s))).toEqual([50, 200, 200, Infinity]);
  });

  it('tells the plans to come, none twice', () => {
    const [asksForPlan, lr] = [(id: string) => id !== 'lr', { step: 120, id: 'lr', value: 2 }];
    const recipe = new Recipe(shared.config, [...shared.changes, lr, { step: 300, id: 'mask', value: 0.1 }]);
    expect(recipe.plansAfter(0, asksForPlan)).toEqual([
      { step: 50, config: { mask: 0.1, lr: 1 } },
      { step: 200, config: { mask: 0.5, lr: 2 } },
    ]);
    expect(recipe.plansAfter(200, asksForPlan).map((p) => p.step)).toEqual([300]);
  });

  it('goes another way from a change on', () => {
    const other = shared.changed(100, { lr: 2 });
    expect(other.changes).toEqual([
      { step: 50, id: 'mask', value: 0.1 },
      { step: 100, id: 'lr', value: 2 },
    ]);
    expect(other.changed(100, { lr: 3 }).changes.at(-1)).toEqual({ step: 100, id: 'lr', value: 3 });
    expect(shared.changes).toHaveLength(2);
  });

  it('starts again as the link has it, or as the reader left the controls', () => {
    expect(shared.again(300)).toBe(shared);
    const moved = shared.changed(100, { lr: 2 }).again(100);
    expect([moved.config, moved.changes]).toEqual([{ mask: 0.1, lr: 2 }, []]);
  });

  it('takes how it is looked at into its beginning', () => {
    const looked = shared.looked({ sigma: 2 });
    expect([looked.at(0)['sigma'], looked.changes.length]).toEqual([2, 2]);
    expect(looked.again(10)).toBe(looked);
  });

  it('forgets what came after a step', () => {
    expect(shared.until(60).changes).toEqual([{ step: 50, id: 'mask', value: 0.1 }]);
  });
});
