import { describe, expect, it } from 'vitest';
import {
  cellAt,
  cellCentre,
  FIRST_POSE,
  pickPoint,
  poseAfterKey,
  screenOf,
  turned,
  zoomed,
  type Frame,
} from './turntable';

const GRID: Frame = { columns: 3, rows: 2, reach: 1, wide: 1.2, aspect: 1.8 };
const FRONT = { ...FIRST_POSE, yaw: 0, pitch: 0 };

describe('objects on a turntable', () => {
  it('puts the middle of each cell where a press finds that cell again', () => {
    for (let cell = 0; cell < 6; cell++) {
      const [x, y] = screenOf(GRID, FRONT, cell)(0, 0, 0);
      expect(cellAt(GRID, FRONT, x, y)).toBe(cell);
    }
    expect(cellCentre(GRID, 0)).toEqual([-2.4, 1]);
  });

  it('fills the screen with the grid', () => {
    const project = screenOf(GRID, FRONT, 2);
    const [x, y] = project(1.2, 1, 0);
    expect(x).toBeCloseTo(1);
    expect(y).toBeCloseTo(1);
  });

  it('turns about the vertical, then tilts what is in front downwards', () => {
    const single: Frame = { columns: 1, rows: 1, reach: 1, wide: 1, aspect: 1 };
    // A quarter of a turn brings what was at x to the back.
    const [x, , depth] = screenOf(single, turned(FRONT, Math.PI / 2, 0), 0)(1, 0, 0);
    expect(x).toBeCloseTo(0);
    expect(depth).toBeCloseTo(-1);
    const [, y] = screenOf(single, turned(FRONT, 0, 0.5), 0)(0, 0, 1);
    expect(y).toBeLessThan(0);
  });

  it('picks the point in front of two at one place, and none far away', () => {
    const single: Frame = { columns: 1, rows: 1, reach: 1, wide: 1, aspect: 1 };
    const points = Float32Array.of(0, 0, -0.5, 0, 0, 0.5, 0.9, 0.9, 0);
    const project = screenOf(single, FRONT, 0);
    expect(pickPoint(points, project, { x: 0, y: 0, aspect: 1, within: 0.05 })).toBe(1);
    expect(pickPoint(points, project, { x: -0.8, y: 0.8, aspect: 1, within: 0.05 })).toBeUndefined();
  });

  it('keeps tilt and zoom within bounds, and answers only to its keys', () => {
    expect(turned(FRONT, 0, 9).pitch).toBeCloseTo(Math.PI / 2);
    expect(zoomed(FRONT, 1e6).zoom).toBeLessThan(100);
    expect(poseAfterKey(FRONT, 'ArrowLeft')?.yaw).toBeLessThan(0);
    expect(poseAfterKey(zoomed(FRONT, 2), '0')).toEqual(FIRST_POSE);
    expect(poseAfterKey(FRONT, 'a')).toBeUndefined();
  });
});
