import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  areaPrecision,
  averagePrecisions,
  boxOverlap,
  matchDetections,
  meanPrecision,
  precisionRecall,
  sampledPrecision,
  summarise,
  type Box,
  type Detection,
  type Matching,
  type Truth,
} from './averagePrecision';
import { detectionErrors } from './detectionErrors';

const truth = (image: string, box: Box, difficult = false, label = 0): Truth => ({ image, label, box, difficult });
const seen = (image: string, score: number, box: Box, label = 0): Detection => ({ image, label, box, score });

const TRUTHS = [
  truth('a', [10, 10, 50, 50]),
  truth('a', [60, 60, 90, 90], true),
  truth('b', [20, 30, 70, 80]),
  truth('c', [5, 5, 40, 45]),
  truth('c', [50, 10, 80, 40]),
];
const SEEN = [
  seen('a', 0.95, [12, 11, 52, 49]),
  seen('a', 0.9, [58, 61, 91, 92]),
  seen('b', 0.85, [0, 0, 20, 20]),
  seen('c', 0.8, [6, 4, 41, 44]),
  seen('a', 0.7, [10, 12, 49, 50]),
  seen('b', 0.6, [25, 32, 72, 78]),
  seen('c', 0.3, [52, 30, 82, 60]),
  seen('c', 0.2, [51, 12, 79, 41]),
];
const VOC = { limit: 0.5, rule: 'voc', convention: 'pixels' } as const;

function listed(hits: readonly number[], truths: number): Matching {
  return { outcomes: hits.map((h) => (h ? 'hit' : 'miss')), scores: hits.map((_, i) => -i), truths };
}

describe('VOC matching and precision', () => {
  it('agrees with the reference case', () => {
    const matching = matchDetections(TRUTHS, SEEN, VOC);
    expect(matching.outcomes).toEqual(['hit', 'ignored', 'miss', 'hit', 'miss', 'hit', 'miss', 'hit']);
    expect(matching.truths).toBe(4);
    const curve = precisionRecall(matching);
    // The hit on a difficult truth leaves no point; the others are those of the reference.
    expect(curve.recall).toEqual([0.25, 0.25, 0.5, 0.5, 0.75, 0.75, 1]);
    const want = [1, 0.5, 2 / 3, 0.5, 0.6, 0.5, 4 / 7];
    curve.precision.forEach((p, i) => expect(p).toBeCloseTo(want[i] ?? NaN, 12));
    expect(sampledPrecision(curve, 10)).toBeCloseTo(0.7194805194805195, 12);
    expect(areaPrecision(curve)).toBeCloseTo(0.7095238095238094, 12);
    expect(sampledPrecision(curve, 100)).toBeCloseTo(0.7123998114097122, 12);
  });

  it.each([
    {
      hits: [1, 1, 0, 1, 0, 0, 1],
      truths: 5,
      eleven: 0.6948051948051948,
      area: 0.6642857142857144,
      all: 0.6676096181046675,
    },
    { hits: [1, 1, 1], truths: 10, eleven: 0.36363636363636365, area: 0.3, all: 0.3069306930693069 },
    { hits: [0, 0, 1], truths: 3, eleven: 0.1212121212121212, area: 0.1111111111111111, all: 0.1122112211221122 },
  ])('of $hits among $truths truths', ({ hits, truths, eleven, area, all }) => {
    const curve = precisionRecall(listed(hits, truths));
    expect(sampledPrecision(curve, 10)).toBeCloseTo(eleven, 12);
    expect(areaPrecision(curve)).toBeCloseTo(area, 12);
    expect(sampledPrecision(curve, 100)).toBeCloseTo(all, 12);
  });

  it('needs more than the limit, where COCO takes the limit itself', () => {
    const truths = [truth('a', [0, 0, 10, 10])];
    const half = [seen('a', 1, [0, 0, 10, 5])];
    expect(matchDetections(truths, half, { limit: 0.5, rule: 'voc' }).outcomes).toEqual(['miss']);
    expect(matchDetections(truths, half, { limit: 0.5, rule: 'coco' }).outcomes).toEqual(['hit']);
  });

  it('does not move a second hit to the next truth, where COCO does', () => {
    const truths = [truth('a', [0, 0, 10, 10]), truth('a', [0, 0, 10, 8])];
    const twice = [seen('a', 0.9, [0, 0, 10, 10]), seen('a', 0.8, [0, 0, 10, 9.5])];
    expect(matchDetections(truths, twice, { limit: 0.5, rule: 'voc' }).outcomes).toEqual(['hit', 'miss']);
    expect(matchDetections(truths, twice, { limit: 0.5, rule: 'coco' }).outcomes).toEqual(['hit', 'hit']);
  });
});

describe('COCO precision', () => {
  it('is one for the truths themselves, and nothing for nothing', () => {
    const own = TRUTHS.map((t, i) => seen(t.image, 1 - i / 10, t.box, t.label));
    const plain = TRUTHS.map((t) => ({ ...t, difficult: false }));
    expect(summarise(plain, own, [1000, 2000])).toEqual({ ap50: 1, ap75: 1, ap: 1, small: 1, medium: 1, large: 1 });
    expect(summarise(plain, []).ap).toBe(0);
    expect(summarise([], own).ap).toBeNaN();
  });

  it('falls step by step with the overlap', () => {
    // Overlap .8: a hit at .5 … .8, seven of ten limits.
    const found = summarise([truth('a', [0, 0, 10, 10])], [seen('a', 1, [0, 0, 10, 8])]);
    expect(found.ap50).toBe(1);
    expect(found.ap).toBeCloseTo(0.7, 12);
    expect(found.small).toBeCloseTo(0.7, 12);
    expect(found.large).toBeNaN();
  });

  it('leaves truths of other sizes out, and what hits them', () => {
    const truths = [truth('a', [0, 0, 10, 10]), truth('a', [20, 20, 60, 60])];
    const both = [seen('a', 0.9, [20, 20, 60, 60]), seen('a', 0.8, [0, 0, 10, 10])];
    const small = matchDetections(truths, both, { limit: 0.5, areas: [0, 400] });
    expect(small).toMatchObject({ outcomes: ['ignored', 'hit'], truths: 1 });
  });

  it('keeps classes apart, and averages those that have truths', () => {
    const truths = [truth('a', [0, 0, 10, 10], false, 1), truth('a', [20, 0, 30, 10], false, 2)];
    const swapped = [
      seen('a', 0.9, [0, 0, 10, 10], 1),
      seen('a', 0.8, [20, 0, 30, 10], 1),
      seen('a', 0.8, [5, 5, 6, 6], 7),
    ];
    const each = averagePrecisions(truths, swapped, { limit: 0.5 });
    expect([...each.entries()]).toEqual([
      [1, 1],
      [2, 0],
    ]);
    expect(meanPrecision(each)).toBe(0.5);
  });

  it('is between 0 and 1, and never rises with a stricter overlap', () => {
    const box = fc
      .tuple(
        fc.integer({ min: 0, max: 20 }),
        fc.integer({ min: 0, max: 20 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 20 }),
      )
      .map(([x, y, w, h]): Box => [x, y, x + w, y + h]);
    const scored = fc.tuple(box, fc.integer({ min: 0, max: 99 }));
    fc.assert(
      fc.property(
        fc.array(box, { minLength: 1, maxLength: 6 }),
        fc.array(scored, { maxLength: 12 }),
        (boxes, found) => {
          const truths = boxes.map((b) => truth('a', b));
          const detections = found.map(([b, score]) => seen('a', score / 100, b));
          const at = (limit: number) =>
            meanPrecision(averagePrecisions(truths, detections, { limit, interpolation: 'area' }));
          expect(at(0.5)).toBeGreaterThanOrEqual(0);
          expect(at(0.5)).toBeLessThanOrEqual(1);
          const hits = (limit: number) =>
            matchDetections(truths, detections, { limit }).outcomes.filter((o) => o === 'hit').length;
          expect(hits(0.9)).toBeLessThanOrEqual(hits(0.5));
        },
      ),
    );
  });
});

describe('overlap', () => {
  it('agrees with the reference, in both conventions', () => {
    const [a, b]: [Box, Box] = [
      [10, 20, 49, 79],
      [12, 25, 55, 70],
    ];
    expect(boxOverlap(a, b)).toBeCloseTo(0.6476079346557759, 12);
    expect(boxOverlap(a, b, 'pixels')).toBeCloseTo(0.6532137518684604, 12);
    expect(boxOverlap([1, 1, 1, 1], [1, 1, 1, 1])).toBe(0);
  });
});

describe('kinds of errors', () => {
  it('are told apart', () => {
    const truths = [
      truth('a', [0, 0, 10, 10], false, 1),
      truth('a', [20, 20, 30, 30], false, 2),
      truth('b', [0, 0, 9, 9], false, 1),
    ];
    const found = [
      seen('a', 0.9, [0, 0, 10, 10], 1),
      seen('a', 0.8, [0, 0, 10, 9], 1),
      seen('a', 0.7, [20, 20, 30, 30], 1),
      seen('a', 0.6, [20, 20, 30, 23], 2),
      seen('a', 0.5, [50, 50, 60, 60], 2),
      seen('a', 0.1, [50, 50, 60, 60], 1),
    ];
    expect(detectionErrors(truths, found, { least: 0.2 })).toEqual({
      hits: 1,
      duplicate: 1,
      classification: 1,
      localisation: 1,
      background: 1,
      missed: 2,
    });
  });
});
