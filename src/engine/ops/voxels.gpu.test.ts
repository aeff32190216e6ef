import { describe, expect, it } from 'vitest';
import { compute } from '../../../tests/helpers/compute';
import { philoxUniforms } from '../philox';
import { constant } from '../state';
import { voxels } from './voxels';

describe('voxels', () => {
  it.each([
    [65536, 32],
    [1031, 16],
    [997, 24],
  ])('%i points in %i³ cells: what plain JavaScript counts', async (N, side) => {
    const points = philoxUniforms(3 * N, 9, 'voxels').map((u) => Math.floor(u * 320) / 128 - 1.25);
    const counts = new Float32Array(side ** 3);
    for (let i = 0; i < N; i++) {
      const p = points.subarray(3 * i, 3 * i + 3);
      if (p.some((v) => Math.abs(v) > 1)) continue;
      const [x = 0, y = 0, z = 0] = p.map((v) => Math.min(side - 1, Math.floor(((v + 1) * side) / 2)));
      const cell = (z * side + y) * side + x;
      counts[cell] = (counts[cell] ?? 0) + 1;
    }
    const cloud = constant(points, [1, N, 3]);
    const { binary, density } = await compute({
      binary: voxels(cloud, { side }),
      density: voxels(cloud, { side, occupancy: 'density' }),
    });
    expect(Array.from(binary)).toEqual(Array.from(counts, (c) => Math.min(1, c)));
    const fullest = Math.max(...counts);
    density.forEach((v, i) => expect(v).toBeCloseTo((counts[i] ?? NaN) / fullest, 6));
  });

  it('names a grid that is too fine', () => {
    expect(() => voxels(constant([0, 0, 0], [1, 1, 3]), { side: 257 })).toThrow(
      /257 cells along an edge; give 1 to 256/,
    );
  });
});
