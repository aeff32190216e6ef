import { describe, expect, it } from 'vitest';
import { wholeVerdict, type Part } from '../../../train/claimParts';
import { Draws, shuffledIndices } from '../../../data/draws';
import { claims } from '../claims';
import { meta } from '../meta';
import { batches, chosenPoints } from './chosenPoints';
import { criticalParts, farthest } from './criticalPoints';
import { densityParts } from './density';
import { localParts } from './localStructure';
import { missingParts } from './missingPoints';
import { orderParts } from './order';
import { outlierParts } from './outliers';
import { costParts } from './representations';
import { rotationParts } from './rotation';

const names = (parts: readonly Part[], verdict: Part['verdict']) =>
  parts.filter((p) => p.verdict === verdict).map((p) => p.name.en);
/** Three seeds that nearly agree. */
const about = (value: number): number[] => [value - 0.001, value, value + 0.001];

describe('claims of the point-cloud lab', () => {
  it('are those of meta.ts in its order', () => {
    expect(claims.map((claim) => claim.id)).toEqual(meta.claims.map((claim) => claim.id));
  });
});

describe('verdicts on made-up figures', () => {
  it('missing points: a hard set, little lost, less than others', () => {
    const table: Record<string, readonly number[]> = {
      pointnet: [0.9, 0.89, 0.87, 0.82, 0.7],
      voxels: [0.85, 0.8, 0.7, 0.5, 0.3],
      views: [0.95, 0.9, 0.85, 0.6, 0.4],
    };
    const at = [0, 0.25, 0.5, 0.75, 0.9];
    const of = (method: string, missing: number) => about(table[method]?.[at.indexOf(missing)] ?? NaN);
    expect(wholeVerdict(missingParts(of))).toBe('holds');
    const easy = (method: string, missing: number) => (missing === 0 ? about(0.99) : of(method, missing));
    expect(names(missingParts(easy), 'fails')).toContain('below 97.0% with all points');
    const blind = (method: string, missing: number) => (method === 'views' ? about(0.5) : of(method, missing));
    expect(names(missingParts(blind), 'fails')).toEqual([
      'less lost than by 6 views with 75% missing',
      'less lost than by 6 views with 90% missing',
    ]);
  });

  it('outliers: max collapses, and comes back when it has learned them', () => {
    const of = (max: number, trained: number) => (side: string, share: number) =>
      about(side === 'mean' ? 0.7 : side === 'maxTrained' ? trained : share === 0 ? 0.9 : max);
    expect(wholeVerdict(outlierParts(of(0.2, 0.85)))).toBe('holds');
    expect(names(outlierParts(of(0.5, 0.7)), 'fails')).toEqual([
      'max pooling falls below half of mean pooling',
      'it recovers with outliers in training',
    ]);
  });

  it('critical points: the count, the logits, the loss', () => {
    const numbers = {
      most: 60,
      bottleneck: 64,
      moved: 0,
      largest: 5,
      withoutThem: about(0.3),
      withoutRandom: about(0.9),
    };
    expect(wholeVerdict(criticalParts(numbers))).toBe('holds');
    const wrong = { ...numbers, most: 65, moved: 0.01, withoutThem: about(0.95) };
    expect(names(criticalParts(wrong), 'fails')).toHaveLength(3);
    expect(farthest(Float32Array.of(1, 2), Float32Array.of(1, 2))).toBe(0);
    expect(farthest(Float32Array.of(1, NaN), Float32Array.of(1, 2))).toBeNaN();
  });

  it('order: PointNet stays, the perceptron turns', () => {
    const numbers = { moved: 0, turned: about(0.3), pointnet: about(0.9), perceptron: about(0.6) };
    expect(wholeVerdict(orderParts(numbers))).toBe('holds');
    const wrong = { moved: 1e-3, turned: about(0.01), pointnet: about(0.5), perceptron: about(0.6) };
    expect(names(orderParts(wrong), 'fails')).toHaveLength(3);
  });

  it('density: less lost with few points and with uneven ones', () => {
    const of = (few: number) => (side: string, missing: number) =>
      about(missing === 0 ? 0.9 : side === 'msgDropped' ? 0.8 : few);
    expect(wholeVerdict(densityParts(of(0.5)))).toBe('holds');
    expect(wholeVerdict(densityParts(of(0.85)))).toBe('fails');
    expect(wholeVerdict(densityParts(of(0.8)))).toBe('undecided');
  });

  it('local structure: each ahead of PointNet, the dynamic graph no worse', () => {
    const scores: Record<string, number> = { pointnet: 0.6, pointnet2: 0.8, fixed: 0.8, dynamic: 0.8 };
    const of = (_task: string, network: string) => about(scores[network] ?? NaN);
    expect(wholeVerdict(localParts(of))).toBe('holds');
    scores['dynamic'] = 0.7;
    expect(names(localParts(of), 'fails')).toEqual([
      'the dynamic graph no worse than the fixed on spheres',
      'the dynamic graph no worse than the fixed on parts',
    ]);
  });

  it('rotation: costs, is repaired, T-Nets add', () => {
    const of = (turned: number, both: number) => (side: string, degrees: number) =>
      about(side === 'turned' ? turned : side === 'both' ? both : degrees === 0 ? 0.9 : 0.6);
    expect(wholeVerdict(rotationParts(of(0.8, 0.85)))).toBe('holds');
    expect(names(rotationParts(of(0.7, 0.65)), 'fails')).toEqual([
      'turning in training repairs half of it',
      'T-Nets add to it',
    ]);
  });

  it('representations: cubes are dear, points are not, views help in any order', () => {
    const spread = (median: number) => ({ low: 0.9 * median, median, high: 1.1 * median });
    const numbers = {
      voxels: { time: spread(9), memory: 8 },
      points: { time: spread(3.5), memory: 4 },
      one: about(0.7),
      all: about(0.9),
      moved: 0,
    };
    expect(wholeVerdict(costParts(numbers))).toBe('holds');
    const wrong = {
      voxels: { time: spread(2), memory: 5 },
      points: { time: spread(9), memory: 5 },
      one: about(0.9),
      all: about(0.7),
      moved: 1e-9,
    };
    expect(names(costParts(wrong), 'fails')).toHaveLength(6);
  });
});

describe('chosen points', () => {
  it('are taken in the order asked for', () => {
    const cloud = {
      points: Float32Array.of(1, 2, 3, 4, 5, 6),
      normals: Float32Array.of(0, 1, 0, 1, 0, 0),
      parts: Uint8Array.of(7, 8),
    };
    expect(chosenPoints(cloud, [1, 0])).toEqual({
      points: Float32Array.of(4, 5, 6, 1, 2, 3),
      normals: Float32Array.of(1, 0, 0, 0, 1, 0),
      parts: Uint8Array.of(8, 7),
    });
  });

  it('come in an order by chance that leaves none out', () => {
    const order = shuffledIndices(20, new Draws(1, 'test'));
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(order).not.toEqual([...order].sort((a, b) => a - b));
    expect(batches([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
  });
});
