import { describe, expect, it } from 'vitest';
import { compute } from '../../../tests/helpers/compute';
import { gradients } from '../autodiff';
import { philoxUniforms } from '../philox';
import { constant } from '../state';
import { interpolateThree } from './interpolate';
import { mul } from './pointwise';
import { sum } from './reduce';

// The reference sheet's case: features at the four farthest points, brought to all eight.
const KNOWN = [0, 0, 0, 1, 1, 0, 0.5, 0.5, 1, 1, 0, 0];
const WANTED = [0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0, 0.5, 0.5, 1, 0.5, 0, 0, 0.2, 0.1, 0.9, 0.9, 0.8, 0.3];
const FEATURES = [1, 0, 0, 1, 2, -1, -1, 3];
const CLAMPED = [
  [0.9999999998666668, 2.333333332944445e-10],
  [-0.9999999997, 2.9999999995],
  [0.875, 0.125],
  [3.333333332777777e-11, 1.0000000000666667],
  [1.9999999998000002, -0.9999999998000001],
  [0, 1.4545454545454544],
  [1.4349042392941684, -0.31461157736173884],
  [0.13725490196078427, 1],
].flat();
const SHIFTED = [
  [0.9999999866666671, 2.3333332688888913e-8],
  [-0.999999970000001, 2.9999999500000016],
  [0.8750000009375, 0.12499999906249998],
  [3.3333332888888893e-9, 1.0000000066666666],
  [1.9999999800000006, -0.9999999800000005],
  [0, 1.4545454532231403],
  [1.4349042276516797, -0.3146115630331629],
  [0.13725490772779683, 0.9999999999999999],
].flat();

describe('interpolateThree', () => {
  it.each([
    ['clamped', CLAMPED],
    ['shifted', SHIFTED],
  ] as const)('is the reference sheet’s with distances %s', async (rule, want) => {
    const [features, known, wanted] = [
      constant(FEATURES, [1, 4, 2]),
      constant(KNOWN, [1, 4, 3]),
      constant(WANTED, [1, 8, 3]),
    ];
    const { out } = await compute({ out: interpolateThree(features, known, wanted, rule) });
    want.forEach((value, i) => expect(out[i]).toBeCloseTo(value, 6));
  });

  it('repeats what there is where there are fewer than three', async () => {
    const known = constant([0, 0, 0], [1, 1, 3]);
    const out = interpolateThree(constant([3, -2], [1, 1, 2]), known, constant(WANTED, [1, 8, 3]));
    expect(Array.from((await compute({ out })).out)).toEqual(Array.from({ length: 16 }, (_, i) => (i % 2 ? -2 : 3)));
  });

  it('65,536 points from 1,024: the weights of each add up to one, in the gradient too', async () => {
    const [S, N] = [1024, 65536];
    const features = constant(new Float32Array(S).fill(1), [1, S, 1]);
    const known = constant(philoxUniforms(3 * S, 1, 'known'), [1, S, 3]);
    const wanted = constant(philoxUniforms(3 * N, 1, 'wanted'), [1, N, 3]);
    const out = interpolateThree(features, known, wanted);
    const [gradient] = gradients(sum(mul(out, 1)), [features]);
    if (!gradient) throw new Error('no gradient');
    const read = await compute({ out, gradient });
    expect(Math.max(...Array.from(read.out.subarray(0, 5000), (v) => Math.abs(v - 1)))).toBeLessThan(1e-6);
    expect(Array.from(read.gradient).reduce((a, b) => a + b, 0) / N).toBeCloseTo(1, 5);
  });
});
