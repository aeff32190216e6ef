import { describe, expect, it } from 'vitest';
import { Pace } from './pace';

/** The pace of reports as [milliseconds, step]. */
function paceOf(reports: readonly (readonly [number, number])[]): number | undefined {
  let time = 0;
  const pace = new Pace(() => time);
  for (const [at, step] of reports) {
    time = at;
    pace.reached(step);
  }
  return pace.stepsPerSecond;
}

describe('the pace of a run', () => {
  it('leaves the first submission out, in which the driver compiles', () => {
    expect(
      paceOf([
        [80_000, 1],
        [81_000, 6],
        [82_000, 11],
      ]),
    ).toBe(5);
  });

  it('is unknown where nothing but the first submission was seen', () => {
    expect(paceOf([])).toBeUndefined();
    expect(paceOf([[80_000, 3]])).toBeUndefined();
    expect(
      paceOf([
        [10, 0],
        [80_000, 3],
      ]),
    ).toBeUndefined();
  });
});
