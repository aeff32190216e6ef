import { describe, expect, it } from 'vitest';
import { anchorsAt, boxAt, finals, hitsOf, proposalStages, type Thresholds } from './stages';

const THRESHOLDS: Thresholds = { proposal: 0.5, proposalOverlap: 0.5, score: 0.5, overlap: 0.4 };

describe('stages of a picture', () => {
  it('keep proposals above the threshold, then the best of those that overlap', () => {
    const boxes = [
      [0, 0, 10, 10],
      [1, 0, 11, 10],
      [30, 30, 40, 40],
      [50, 50, 60, 60],
      [5, 5, 5, 9],
    ] as const;
    const { above, kept } = proposalStages({ boxes, scores: [0.8, 0.9, 0.6, 0.2, 0.9] }, THRESHOLDS);
    expect(above.map((a) => a.score)).toEqual([0.8, 0.9, 0.6]);
    expect(kept.map((k) => k.score)).toEqual([0.9, 0.6]);
    expect(
      proposalStages({ boxes, scores: [0.8, 0.9, 0.6, 0.2, 0.9] }, { ...THRESHOLDS, proposalOverlap: 0.95 }).kept
        .length,
    ).toBe(3);
  });

  it('give final boxes by class, and each truth to the best box of its class alone', () => {
    const regions = {
      regions: [],
      probabilities: [
        [0.1, 0.9, 0],
        [0.3, 0.7, 0],
        [0.2, 0.1, 0.7],
      ].map((p) => Float32Array.from(p)),
      boxes: [
        [0, 0, 10, 10],
        [0, 4, 10, 14],
        [1, 1, 11, 11],
      ] as const,
    };
    const found = finals(regions, { ...THRESHOLDS, overlap: 0.5 });
    expect(found.map((f) => [f.label, f.region])).toEqual([
      [0, 0],
      [0, 1],
      [1, 2],
    ]);
    const truths = [{ label: 0, box: [0, 1, 10, 11] as const }];
    expect(hitsOf(found, truths)).toEqual([0, -1, -1]);
    expect(hitsOf(found, [{ label: 0, box: [0, 8, 10, 18] as const }])).toEqual([-1, -1, -1]);
  });

  it('find the anchors of a cell by rows, at the border too', () => {
    const anchors = {
      perCell: 3,
      cells: 4,
      boxes: [],
      objectness: new Float32Array(),
      labels: new Float32Array(),
      overlaps: new Float32Array(),
    };
    expect(anchorsAt(anchors, 17, 9, 32)).toEqual([18, 19, 20]);
    expect(anchorsAt(anchors, 32, 32, 32)).toEqual([45, 46, 47]);
  });

  it('find the smaller box under the pointer', () => {
    const boxes = [{ box: [0, 0, 20, 20] as const }, { box: [5, 5, 10, 10] as const }];
    expect(boxAt(boxes, 7, 7, 1)).toBe(1);
    expect(boxAt(boxes, 15, 15, 1)).toBe(0);
    expect(boxAt(boxes, 50, 50, 1)).toBeUndefined();
  });
});
