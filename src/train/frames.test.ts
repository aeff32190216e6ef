import { describe, expect, it } from 'vitest';
import { Frames } from './frames';

describe('frames of a run', () => {
  it('keeps the first and a spread of the rest, never more than its capacity', () => {
    const frames = new Frames<number>(16);
    for (let step = 0; step <= 5000; step += 7) frames.add(step, step);
    const steps = frames.all.map((f) => f.step);
    expect(steps.length).toBeLessThanOrEqual(16);
    expect(steps.length).toBeGreaterThanOrEqual(7);
    expect(steps[0]).toBe(0);
    const gaps = steps.slice(1).map((s, i) => s - (steps[i] ?? 0));
    expect(Math.max(...gaps)).toBeLessThan(5000 / 4);
    expect(5000 - (steps.at(-1) ?? 0)).toBeLessThan(5000 / 4);
  });

  it('forgets what came after a step to which the run went back', () => {
    const frames = new Frames<string>(8);
    frames.add(0, 'start');
    frames.add(10, 'first way');
    frames.add(20, 'first way');
    frames.add(5, 'second way');
    expect(frames.all.map((f) => f.step)).toEqual([0, 5]);
  });
});
