import { describe, expect, it } from 'vitest';
import { accuracies, best, classIous, confusion, count, meanIou, PartIous, probabilities } from './metrics';

describe('part IoU', () => {
  // Two chairs (parts 0, 1, 2) and a mug (parts 3, 4).
  const shapes = [
    { category: 0, predicted: [0, 0, 1, 1, 0], truth: [0, 0, 1, 0, 0], iou: 0.75 },
    { category: 0, predicted: [2, 1, 1, 0, 0], truth: [2, 2, 1, 0, 0], iou: 2 / 3 },
    { category: 1, predicted: [3, 3, 4, 4], truth: [3, 4, 4, 4], iou: 0.5833333333333333 },
  ];
  const ious = new PartIous(
    [
      [0, 1, 2],
      [3, 4],
    ],
    5,
  );

  it('counts a part that is absent from both as 1, and averages by shape and by category', () => {
    for (const { category, predicted, truth, iou } of shapes)
      expect(ious.add(category, truth, predicted)).toBeCloseTo(iou, 12);
    expect(ious.instanceAverage).toBeCloseTo(0.6666666666666666, 12);
    expect(ious.classAverage).toBeCloseTo(0.6458333333333333, 12);
  });

  it('has each part’s mean, and NaN where a category has it not', () => {
    const table = ious.byPart();
    expect(table[0]).toBeCloseTo((0.75 + 1) / 2, 6);
    expect(table[2]).toBeCloseTo((1 + 0.5) / 2, 6);
    expect(table[3]).toBeNaN();
    expect(table[5 + 4]).toBeCloseTo(2 / 3, 6);
  });
});

describe('accuracies and IoU of classes', () => {
  it('leaves out classes that do not occur, and labels of no class', () => {
    const of = confusion(4);
    for (const [truth, prediction] of [
      [0, 0],
      [0, 0],
      [0, 1],
      [1, 1],
      [255, 1],
    ] as const)
      count(of, truth, prediction);
    expect(accuracies(of).overall).toBeCloseTo(3 / 4, 12);
    expect(accuracies(of).mean).toBeCloseTo((2 / 3 + 1) / 2, 12);
    const ious = classIous(of);
    expect(ious[0]).toBeCloseTo(2 / 3, 12);
    expect(ious[1]).toBeCloseTo(1 / 2, 12);
    expect(ious[3]).toBeNaN();
    expect(meanIou(of)).toBeCloseTo((2 / 3 + 1 / 2) / 2, 12);
  });

  it('finds the largest of a row, or of the parts that a category has', () => {
    const logits = Float32Array.of(9, 1, 2, 0, 5, 3);
    expect(best(logits, 0, 3)).toBe(0);
    expect(best(logits, 0, 3, [1, 2])).toBe(2);
    expect(best(logits, 1, 3)).toBe(1);
  });

  it('makes probabilities of large logits without overflow', () => {
    const p = probabilities(Float32Array.of(1000, 1000, -1000, 0, 0, 0), 3);
    expect(Array.from(p).map((x) => Math.round(x * 1e6) / 1e6)).toEqual([0.5, 0.5, 0, 0.333333, 0.333333, 0.333333]);
  });
});
