import { describe, expect, it } from 'vitest';
import { constant } from '../state';
import { argmax, sum, sumTo } from './reduce';
import { geometry, reductionRuns, squeeze } from './reduceAxes';
import { full } from './pointwise';

const x = (...shape: number[]) => constant(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape);

describe('axes of reductions', () => {
  it('joins neighbours and skips axes of size 1', () => {
    expect(reductionRuns([0, 1, 3, 5, 6])).toEqual([[0, 1], [3], [5, 6]]);
    expect(squeeze([1, 5, 1, 3, 1], [0, 1, 2])).toEqual({ shape: [5, 3], axes: [0] });
    expect(geometry([2, 3, 5], [1, 2])).toEqual({ kept1: 1, reduced1: 1, kept2: 2, reduced2: 15, kept3: 1 });
    expect(geometry([2, 3, 5], [0])).toEqual({ kept1: 1, reduced1: 1, kept2: 1, reduced2: 2, kept3: 15 });
    expect(geometry([2, 3, 5], [0, 2])).toEqual({ kept1: 1, reduced1: 2, kept2: 3, reduced2: 5, kept3: 1 });
    expect(geometry([7, 2, 3, 5, 4], [1, 3])).toEqual({ kept1: 7, reduced1: 2, kept2: 3, reduced2: 5, kept3: 4 });
    expect(geometry([1, 1], [0])).toEqual({ kept1: 1, reduced1: 1, kept2: 1, reduced2: 1, kept3: 1 });
  });

  it('names the axis that a tensor has not', () => {
    expect(() => sum(x(2, 3), [2])).toThrow('sum(f32[2, 3]): there is no axis 2; use -2 to 1');
    expect(() => sum(x(2, 3), [0, -2])).toThrow('name one twice');
    expect(() => argmax(x(2, 3, 2, 3, 2), [0, 2, 4])).toThrow('more than two runs');
  });

  it('sums nothing where there is nothing to sum', () => {
    const t = x(2, 1, 3);
    expect(sum(t, []).node).toBe(t.node);
    expect(sum(t, [1]).node.op.name).toBe('reshape');
    expect(sum(full([4, 5], 0.5), [1]).node.attrs).toEqual({ shape: [4], value: 2.5 });
  });

  it('sums to the shape that was broadcast', () => {
    expect(sumTo(x(4, 3, 5), [3, 1]).shape).toEqual([3, 1]);
    expect(sumTo(x(4, 3, 5), []).shape).toEqual([]);
    expect(() => sumTo(x(4, 3), [2])).toThrow('[2] does not broadcast to this shape');
  });
});
