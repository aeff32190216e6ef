import { describe, expect, it } from 'vitest';
import { latticeCloud, plainFarthestPoints } from '../../../bench/plainPoints';
import { compute } from '../../../tests/helpers/compute';
import { DEVICE_CLASSES, goldenFailures } from '../../../tests/helpers/deviceClasses';
import { philoxUniforms } from '../philox';
import { constant } from '../state';
import { farthestPoints } from './farthestPoints';

function clouds(count: number, points: number): Float32Array {
  return latticeCloud(philoxUniforms(count * points * 3, 5, 'farthest'));
}

describe.each(DEVICE_CLASSES)('farthest points with the kernels of class %s', (deviceClass) => {
  it('golden cases', async () => {
    expect(await goldenFailures('farthestPoints', deviceClass)).toEqual([]);
  });

  it.each([
    [1, 65536, deviceClass === 'software' ? 257 : 5],
    [3, 16411, deviceClass === 'software' ? 37 : 3],
    [2, 4099, 1031],
    [5, 1021, 1021],
  ])('%i clouds of %i points, %i picks: what plain JavaScript picks', async (B, N, count) => {
    const points = clouds(B, N);
    const { picked } = await compute(
      { picked: farthestPoints(constant(points, [B, N, 3]), { count, start: 11 }) },
      deviceClass,
    );
    const want = Array.from({ length: B }, (_, b) =>
      Array.from(plainFarthestPoints(points.subarray(b * N * 3, (b + 1) * N * 3), count, 11)),
    );
    expect(Array.from(picked)).toEqual(want.flat());
  });

  it('goes on in a second dispatch where one would take too long', async () => {
    const [N, count] = [16001, 1063];
    const points = clouds(1, N);
    const { picked } = await compute({ picked: farthestPoints(constant(points, [1, N, 3]), { count }) }, deviceClass);
    expect(Array.from(picked)).toEqual(Array.from(plainFarthestPoints(points, count)));
  });
});

describe('farthestPoints', () => {
  const points = constant(new Float32Array(15), [1, 5, 3]);

  it('names a count or a start that the cloud does not have', () => {
    expect(() => farthestPoints(points, { count: 6 })).toThrow(/cannot pick 6 of 5 points; give 1 to 5/);
    expect(() => farthestPoints(points, { count: 2, start: 5 })).toThrow(/starts at point 5 of 5; give 0 to 4/);
  });
});
