import { describe, expect, it } from 'vitest';
import { solids } from '../../data/solids';
import { baselines, threeSmallest, vote } from './baselines';

describe('baselines without a network', () => {
  it('vote: the most, or the nearest of all', () => {
    expect(vote([3, 1, 1])).toBe(1);
    expect(vote([3, 1, 2])).toBe(3);
    expect(threeSmallest([5, 1, 4, 2, 3])).toEqual([1, 3, 4]);
    expect(threeSmallest([2, 2])).toEqual([0, 1]);
  });

  it('solids: an eighth by the commonest class, much more by neighbours', () => {
    const data = { set: solids({ points: 128, train: 6, test: 2, seed: 1 }) };
    const found = baselines(data, 'classification');
    expect(found['majorityAccuracy']).toBe(1 / 8);
    expect(found['nearestAccuracy']).toBeGreaterThan(0.7);
    const parts = baselines(data, 'parts');
    expect(parts['nearestPartIou']).toBeGreaterThan((parts['majorityPartIou'] ?? 1) + 0.1);
    expect(parts['nearestAccuracy']).toBeGreaterThan(parts['majorityAccuracy'] ?? 1);
    expect(baselines(data, 'parts')).toBe(parts);
    expect(baselines(data, 'scene')).toEqual({});
  });
});
