import { describe, expect, it } from 'vitest';
import { latticeCloud, plainNearestNeighbours } from '../../../bench/plainPoints';
import { compute } from '../../../tests/helpers/compute';
import { DEVICE_CLASSES, goldenFailures } from '../../../tests/helpers/deviceClasses';
import { philoxUniforms } from '../philox';
import { constant } from '../state';
import { nearestNeighbours } from './nearestNeighbours';

const lattice = (numbers: number, stream: string) => latticeCloud(philoxUniforms(numbers, 6, stream));

describe.each(DEVICE_CLASSES)('nearest neighbours with the kernels of class %s', (deviceClass) => {
  it('golden cases', async () => {
    expect(await goldenFailures('nearestNeighbours', deviceClass)).toEqual([]);
  });

  it.each([
    [257, 65536, 3, 20],
    [101, 1031, 64, 40],
    [7, 4099, 128, 3],
  ])('%i queries among %i points of width %i, %i each: what plain JavaScript finds', async (M, N, depth, k) => {
    // Coarse features: sums of up to 128 squares stay exact.
    const scale = depth > 3 ? 1 / 16 : 1;
    const round = (x: Float32Array) => (depth > 3 ? x.map((v) => Math.round(v * 16) * scale) : x);
    const [queries, points] = [round(lattice(M * depth, 'queries')), round(lattice(N * depth, 'points'))];
    const tensors = [constant(queries, [1, M, depth]), constant(points, [1, N, depth])] as const;
    const { indices } = await compute({ indices: nearestNeighbours(...tensors, { k }).indices }, deviceClass);
    expect(Array.from(indices)).toEqual(Array.from(plainNearestNeighbours(queries, points, { depth, k })));
  });

  it('every point of 4,099 among all, itself left out', async () => {
    const [N, depth, k] = [4099, 3, 16];
    const points = lattice(N * depth, 'all');
    const cloud = constant(points, [1, N, depth]);
    const { indices } = await compute(
      { indices: nearestNeighbours(cloud, cloud, { k, skipSelf: true }).indices },
      deviceClass,
    );
    const want = plainNearestNeighbours(points, points, { depth, k, skipSelf: true });
    expect(Array.from(indices)).toEqual(Array.from(want));
  });
});

describe('nearestNeighbours', () => {
  it('names a count that cannot be, and clouds that do not fit', () => {
    const cloud = constant(new Float32Array(15), [1, 5, 3]);
    expect(() => nearestNeighbours(cloud, cloud, { k: 5, skipSelf: true })).toThrow(
      /5 neighbours of 5 points; give 1 to 4/,
    );
    expect(() => nearestNeighbours(cloud, constant([1, 2], [1, 1, 2]), { k: 1 })).toThrow(/queries f32 \[B, M, D\]/);
  });
});
