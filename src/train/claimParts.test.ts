import { describe, expect, it } from 'vitest';
import { atLeastTimes, atMostTimes, exceptions, geometricMean, wholeVerdict, within, type Part } from './claimParts';

const part = (verdict: Part['verdict'], en = 'a'): Part => ({ name: { en, zh: en }, verdict });
/** Three seeds that nearly agree. */
const about = (value: number): number[] => [0.999 * value, value, 1.001 * value];

describe('verdicts of parts', () => {
  it('hold when all hold; a failure outweighs what is undecided', () => {
    expect(wholeVerdict([part('holds'), part('holds')])).toBe('holds');
    expect(wholeVerdict([part('holds'), part('undecided')])).toBe('undecided');
    expect(wholeVerdict([part('undecided'), part('fails')])).toBe('fails');
    expect(wholeVerdict([])).toBe('undecided');
  });

  it('name the parts that do not hold in both languages', () => {
    expect(exceptions([part('holds')])).toEqual({ en: '', zh: '' });
    const said = exceptions([part('fails', 'x'), part('holds', 'y'), part('undecided', 'z')]);
    expect(said).toEqual({ en: ' Not so: x. Undecided: z.', zh: '不成立：x。未定：z。' });
  });

  it('compare factors over seeds, undecided within their noise', () => {
    expect(atLeastTimes(about(30), about(10), 2)).toBe('holds');
    expect(atLeastTimes(about(15), about(10), 2)).toBe('fails');
    expect(atLeastTimes([10, 30, 15], [10, 10, 10], 2)).toBe('undecided');
    expect(atMostTimes(about(15), about(10), 2)).toBe('holds');
    expect(atMostTimes(about(30), about(10), 2)).toBe('fails');
    // One per cent is the least noise: seeds may agree by luck.
    expect(atLeastTimes([2.01, 2.01], [1, 1], 2)).toBe('undecided');
    expect(atLeastTimes([NaN, 1], [1, 1])).toBe('undecided');
    expect(geometricMean([1, 100])).toBeCloseTo(10);
    expect(within(NaN, 0, 1)).toBe('undecided');
  });
});
