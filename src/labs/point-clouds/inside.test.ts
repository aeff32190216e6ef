import { describe, expect, it } from 'vitest';
import { ballLevels, criticalOf, cubesOf, graphOf, transformedBy, winsOf } from './inside';

const POINTS = Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1);
const indices = (shape: number[], ...data: number[]) => ({ shape, data: Uint32Array.from(data) });

describe('what was seen inside a network', () => {
  it('counts which points the features come from', () => {
    expect(criticalOf([3, 1, 3, 3])).toEqual({ points: [1, 3], wins: [1, 3] });
    expect(winsOf([0, 2, 2, 1], 3)).toEqual([1, 1, 2]);
  });

  it('takes points as rows', () => {
    const quarter = [0, 1, 0, -1, 0, 0, 0, 0, 1];
    expect(Array.from(transformedBy(Float32Array.of(1, 2, 3), quarter))).toEqual([-2, 1, 3]);
  });

  it('follows centres from level to level', () => {
    const views = {
      'sa1.centres': indices([1, 2], 3, 1),
      'sa1.0.members': indices([1, 2, 2], 3, 0, 1, 1),
      'sa1.0.counts': indices([1, 2], 2, 1),
      'sa2.centres': indices([1, 1], 1),
      'sa2.0.members': indices([1, 1, 2], 0, 1),
      'sa2.0.counts': indices([1, 1], 2),
    };
    const [first, second] = ballLevels(views, POINTS, { radius: 0.3, grouping: 'ssg' });
    expect(Array.from(first?.centres ?? [])).toEqual([0, 0, 1, 1, 0, 0]);
    // A centre of the second level is one of the first level's.
    expect(Array.from(second?.centres ?? [])).toEqual([1, 0, 0]);
    expect(second?.scales[0]?.radius).toBeCloseTo(0.6);
    expect(Array.from(second?.scales[0]?.points ?? [])).toEqual(Array.from(first?.centres ?? []));
  });

  it('puts a cube into each filled cell, x running fastest', () => {
    const grid = new Float32Array(8);
    grid[1] = 1; // z 0, y 0, x 1
    const { positions, edge } = cubesOf(grid);
    expect(Array.from(positions)).toEqual([0.5, -0.5, -0.5]);
    expect(edge).toBeLessThanOrEqual(1);
  });

  it('joins points with their neighbours', () => {
    const { from, to } = graphOf(POINTS, [1, 2, 0, 3, 0, 1, 0, 1]);
    expect(Array.from(from.subarray(6, 9))).toEqual([1, 0, 0]);
    expect(Array.from(to.subarray(9, 12))).toEqual([0, 0, 1]);
  });
});
