import { describe, expect, it } from 'vitest';
import { wholeVerdict } from '../../../train/claimParts';
import { costParts } from './cost';
import { binsParts, modulationParts, warpedParts } from './deformed';
import type { Side } from './comparison';
import { correlation, dilationParts } from './dilation';
import { exactParts } from './exact';
import { ohemParts, stepsTo } from './ohem';
import { positionParts } from './position';

const at = (median: number) => ({ median, low: median * 0.99, high: median * 1.01 });
const verdicts = (parts: ReturnType<typeof exactParts>) => parts.map((p) => p.verdict);

describe('verdicts from numbers alone', () => {
  it('cost: both must hold', () => {
    const held = { rfcnOperations: 0.01, rfcnTime: at(1.1), fasterOperations: 6, fasterTime: at(5) };
    expect(wholeVerdict(costParts(held))).toBe('holds');
    expect(verdicts(costParts({ ...held, rfcnTime: at(2) }))).toEqual(['holds', 'fails', 'holds', 'holds']);
    expect(verdicts(costParts({ ...held, rfcnTime: { median: 1.2, low: 1, high: 1.5 } }))[1]).toBe('undecided');
    expect(verdicts(costParts({ ...held, fasterOperations: 2, fasterTime: at(1) })).slice(2)).toEqual([
      'fails',
      'fails',
    ]);
  });

  it('position: named alike, ranked apart, stricter overlap apart', () => {
    const table: Readonly<Record<string, readonly number[]>> = {
      ...{ one0: [0.9, 0.91, 0.9], three0: [0.9, 0.9, 0.91] },
      ...{ one1: [0.8, 0.81, 0.8], three1: [0.95, 0.96, 0.95] },
      ...{ one2: [0.2, 0.21, 0.2], three2: [0.2, 0.21, 0.2] },
    };
    const parts = positionParts((side, measure) => table[`${side}${measure}`] ?? []);
    expect(verdicts(parts)).toEqual(['holds', 'holds', 'undecided']);
  });

  it('deformation: the gain is compared between kinds of scenes', () => {
    const table: Readonly<Record<string, readonly number[]>> = {
      ...{ withoutupright: [0.6, 0.61, 0.6], withupright: [0.61, 0.62, 0.61] },
      ...{ withoutturned: [0.3, 0.31, 0.3], withturned: [0.5, 0.51, 0.5] },
      ...{ withoutstrict: [0.3, 0.3, 0.3], withstrict: [0.2, 0.2, 0.2] },
    };
    const of = (side: Side, id: string) => table[side + id] ?? [];
    expect(verdicts(warpedParts(of))).toEqual(['holds', 'holds']);
    expect(verdicts(modulationParts(of))).toEqual(['holds']);
    expect(verdicts(binsParts(of))).toEqual(['fails']);
  });

  it('dilation: rising over three bins, and related to size', () => {
    const spreads = [
      [1, 1.01, 1],
      [1.5, 1.49, 1.5],
      [2, 2.01, 2],
    ];
    expect(wholeVerdict(dilationParts((bin) => spreads[bin] ?? [], [0.8, 0.81, 0.8]))).toBe('holds');
    expect(wholeVerdict(dilationParts((bin) => spreads[bin] ?? [], [0.1, 0.11, 0.1]))).toBe('fails');
    expect(
      correlation([
        [1, 2],
        [2, 4],
        [3, 6],
      ]),
    ).toBeCloseTo(1, 12);
    expect(
      correlation([
        [1, 6],
        [2, 4],
        [3, 2],
      ]),
    ).toBeCloseTo(-1, 12);
  });

  it('hard examples: steps to a level, straight between measurements', () => {
    expect(
      stepsTo(
        [
          [10, 0.2],
          [20, 0.4],
        ],
        0.3,
      ),
    ).toBeCloseTo(15, 9);
    expect(
      stepsTo(
        [
          [10, 0.2],
          [20, 0.4],
        ],
        0.1,
      ),
    ).toBeCloseTo(5, 9);
    expect(stepsTo([[10, 0.2]], 0.3)).toBeNaN();
    expect(verdicts(ohemParts({ uniform: [100, 101, 100], mined: [50, 51, 50] }))).toEqual(['holds']);
    expect(verdicts(ohemParts({ uniform: [50, 51, 50], mined: [100, 101, 100] }))).toEqual(['fails']);
    expect(verdicts(ohemParts({ uniform: [NaN, 50, 50], mined: [10, 10, 10] }))).toEqual(['undecided']);
  });

  it('exactness: rounding and no more', () => {
    expect(verdicts(exactParts(0, 1e-6))).toEqual(['holds', 'holds']);
    expect(verdicts(exactParts(1e-3, NaN))).toEqual(['fails', 'undecided']);
  });
});
