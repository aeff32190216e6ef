import { describe, expect, it } from 'vitest';
import { categoryColour, TONES } from '../../ui/pointColours';
import { blockLines, chosenPoints, roomPoints, roomReach } from './rooms';
import { coloursOf, coloursOffered, objectsOf, shareRight } from './shown';

const view = (shape: number[], ...data: number[]) => ({ shape, data: Float32Array.from(data) });

describe('what the views tell of objects', () => {
  const views = {
    points: view([2, 2, 3], 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3),
    labels: view([2], 1, 0),
    probabilities: view([2, 3], 0.2, 0.5, 0.3, 0.1, 0.1, 0.8),
  };

  it('takes them apart one by one', () => {
    const [first, second] = objectsOf(views, [4, 7]);
    expect(first).toMatchObject({ shape: 4, label: 1, predicted: 1 });
    expect(second).toMatchObject({ shape: 7, label: 0, predicted: 2 });
    expect(Array.from(second?.points ?? [])).toEqual([2, 2, 2, 3, 3, 3]);
  });

  it('colours by what was found, and leaves grey what is not known', () => {
    const [object] = objectsOf(views, [0]);
    if (!object) throw new Error('no object');
    expect(Array.from(coloursOf(object, 'prediction').subarray(0, 3))).toEqual(
      Array.from(Float32Array.from(categoryColour(1))),
    );
    expect(Array.from(coloursOf(object, 'prediction', 2).subarray(0, 3))).toEqual(
      Array.from(Float32Array.from(TONES.quiet)),
    );
    expect(Array.from(coloursOf(object, 'saliency').subarray(0, 3))).toEqual(
      Array.from(Float32Array.from(TONES.quiet)),
    );
  });

  it('does not count points without a label', () => {
    expect(shareRight([0, 1, 255, 2], [0, 2, 1, 2])).toBeCloseTo(2 / 3);
  });

  it('offers saliency only where points have a gradient', () => {
    expect(coloursOffered({ task: 'classification', method: 'dgcnn', data: 'furniture' })).toContain('saliency');
    expect(coloursOffered({ task: 'classification', method: 'voxels', data: 'furniture' })).not.toContain('saliency');
  });
});

describe('rooms as they are drawn', () => {
  const points = Float32Array.of(-2, 0, -1, 2, 0, 1, 0, 3, 0);

  it('brings the middle of a room to the origin and leaves out what is asked', () => {
    const kept = chosenPoints([5, 7, 5], 7);
    expect(Array.from(kept)).toEqual([0, 2]);
    expect(Array.from(roomPoints(points, kept))).toEqual([-2, -1.5, -1, 0, 1.5, 0]);
    expect(roomReach(points)).toBeGreaterThan(2);
  });

  it('draws the borders of blocks on the floor', () => {
    const { from, to } = blockLines(points, 2);
    // At x = −2, 0, 2 and z = −1, 1.
    expect(from.length / 3).toBe(5);
    const [x, y = NaN, z] = to;
    expect([x, z]).toEqual([-2, 1]);
    expect(y).toBeCloseTo(-1.5, 0);
  });
});
