import { describe, expect, it } from 'vitest';
import { firstPose, frameOf, keyedPose, partAt, pulled, shareInside, spreadOf, type Pose } from './pose';

const SIDE = 128;
const POSE: Pose = { x: 64, y: 64, extent: 40, rotation: 0, warp: 0 };

describe('an object in hand', () => {
  it('is taken by corner, knob or inside, as it is turned', () => {
    expect(partAt(POSE, 45, 44, 2)).toBe('scale');
    expect(partAt(POSE, 64, 38, 2)).toBe('turn');
    expect(partAt(POSE, 70, 80, 2)).toBe('move');
    expect(partAt(POSE, 90, 64, 2)).toBeUndefined();
    const turned = { ...POSE, rotation: Math.PI / 4 };
    expect(partAt(turned, 64 + 22, 64, 2)).toBe('move');
    expect(partAt(turned, 46, 46, 0.1)).toBeUndefined();
    const [, right] = frameOf({ ...POSE, rotation: Math.PI / 2 }).corners;
    expect(right?.map(Math.round)).toEqual([84, 84]);
  });

  it('moves inside the picture, scales by the distance, turns by the angle', () => {
    expect(pulled(POSE, 'move', [60, 60], [200, 50], SIDE)).toMatchObject({ x: 128, y: 54 });
    expect(pulled(POSE, 'scale', [84, 84], [94, 94], SIDE).extent).toBeCloseTo(60, 6);
    expect(pulled(POSE, 'scale', [84, 84], [64, 64], SIDE).extent).toBeCloseTo(12.8, 6);
    expect(pulled(POSE, 'turn', [64, 38], [90, 64], SIDE).rotation).toBeCloseTo(Math.PI / 2, 6);
    expect(pulled({ ...POSE, rotation: 3 }, 'turn', [90, 64], [64, 90], SIDE).rotation).toBeLessThan(Math.PI);
  });

  it('listens to keys, and leaves others alone', () => {
    expect(keyedPose(POSE, 'ArrowUp', SIDE)?.y).toBe(62);
    expect(keyedPose(POSE, '+', SIDE)?.extent).toBeGreaterThan(40);
    expect(keyedPose(POSE, ']', SIDE)?.rotation).toBeGreaterThan(0);
    expect(keyedPose(POSE, ',', SIDE)?.warp).toBe(0);
    expect(keyedPose(POSE, 'x', SIDE)).toBeUndefined();
    expect(firstPose(SIDE)).toMatchObject({ x: 64, y: 64, warp: 0 });
  });

  it('counts points on it and measures how far they are strewn', () => {
    const points = [0, 0, 4, 0, 0, 4, 10, 10];
    expect(shareInside(points, [-1, -1, 5, 5])).toBe(0.75);
    expect(spreadOf([3, 0, -3, 0], [0, 0])).toBe(3);
  });
});
