import { describe, expect, it } from 'vitest';
import { meanCurve, precisionRecall } from './scoreCharts';

const none = new Float32Array(101).fill(NaN);
const flat = (v: number) => new Float32Array(101).fill(v);

describe('charts of scores', () => {
  it('take the mean over classes that have a curve', () => {
    expect(meanCurve([flat(1), flat(0.5), none])[50]).toBe(0.75);
    expect(meanCurve([none]).length).toBe(0);
  });

  it('show one class or all, from recall 0 to 1', () => {
    const scores = { curves50: [flat(1), none], curves75: [flat(0.25), none] } as never;
    const [at50, at75] = precisionRecall(scores, undefined).series;
    expect([at50?.points[0], at50?.points.at(-1)]).toEqual([
      [0, 1],
      [1, 1],
    ]);
    expect(at75?.points[10]?.[1]).toBe(0.25);
    expect(precisionRecall(scores, 1).series[0]?.points).toEqual([]);
  });
});
