import { describe, expect, it } from 'vitest';
import { ballLevels, criticalOf, cubesOf, graphOf, transformedBy } from './inside';

const POINTS = Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1);

describe('what was seen inside a network', () => {
  it('counts which points the features come from', () => {
    expect(criticalOf([3, 1, 3, 3])).toEqual({ points: [1, 3], wins: [1, 3] });
  });

  it('takes points as rows', () => {
    const quarter = [0, 1, 0, -1, 0, 0, 0, 0, 1];
    expect(Array.from(transformedBy(Float32Array.of(1, 2, 3), quarter))).toEqual([-2, 1, 3]);
  });

  it('follows centres from level to level', () => {
    const seen = (...data: number[]) => ({ shape: [data.length], data: Float32Array.from(data) });
    const views = {
      points: seen(...POINTS),
      radii: seen(0.3, 0.6),
      'centres.1': seen(0, 0, 1, 1, 0, 0),
      'members.1': seen(3, 0, 1, 1),
      'centres.2': seen(1, 0, 0),
      'members.2': seen(0, 1),
    };
    const [first, second] = ballLevels(views);
    expect(first?.points).toHaveLength(12);
    // The balls of the second level hold centres of the first.
    expect(Array.from(second?.points ?? [])).toEqual([0, 0, 1, 1, 0, 0]);
    expect(second?.radius).toBeCloseTo(0.6);
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
