import { expect } from 'vitest';

/** Every number within tolerance · max(1, |want|). */
export function expectClose(got: ArrayLike<number>, want: ArrayLike<number>, tolerance = 1e-12): void {
  expect(
    farthest(got, want),
    `got ${Array.from(got).join(', ')}, want ${Array.from(want).join(', ')}`,
  ).toBeLessThanOrEqual(tolerance);
}

/** The largest |got − want| / max(1, |want|); Infinity where the lengths differ or a number is none. */
export function farthest(got: ArrayLike<number>, want: ArrayLike<number>): number {
  if (got.length !== want.length) return Infinity;
  let worst = 0;
  for (let i = 0; i < want.length; i++) {
    const error = Math.abs((got[i] ?? NaN) - (want[i] ?? NaN)) / Math.max(1, Math.abs(want[i] ?? NaN));
    worst = Number.isNaN(error) ? Infinity : Math.max(worst, error);
  }
  return worst;
}
