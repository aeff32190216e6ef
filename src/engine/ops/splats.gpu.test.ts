import { describe, expect, it } from 'vitest';
import { compute } from '../../../tests/helpers/compute';
import { DEVICE_CLASSES } from '../../../tests/helpers/deviceClasses';
import { philoxUniforms } from '../philox';
import { ALONG_Z, hostSplats } from '../reference/splats';
import { constant } from '../state';
import { orbitCameras, paint, splats } from './splats';

const lattice = (N: number) => philoxUniforms(3 * N, 3, 'splats').map((u) => Math.floor(u * 72) / 32 - 1.125);

describe.each(DEVICE_CLASSES)('splats with the kernels of class %s', (deviceClass) => {
  it.each([
    [1, 1, 0],
    [131, 16, 1.5],
    [517, 31, 2],
    [2000, 24, 0],
  ])('%i points in views of %i pixels, discs of %d: what a plain loop draws', async (N, side, radius) => {
    const points = lattice(N);
    const views = splats(constant(points, [1, N, 3]), constant(ALONG_Z, [1, 16]), { side, radius });
    const read = await compute({ ...views }, deviceClass);
    const want = hostSplats(points, { side, radius });
    expect(Array.from(read.owners)).toEqual(Array.from(want.owners));
    expect(Array.from(read.depth)).toEqual(Array.from(want.depth));
  });
});

describe('views', () => {
  it('65,536 points from twelve sides', async () => {
    const N = 65536;
    const points = philoxUniforms(3 * N, 3, 'views').map((u) => u - 0.5);
    const views = splats(constant(points, [1, N, 3]), constant(orbitCameras(12), [12, 16]), { side: 32 });
    const { depth, owners } = await compute({ ...views });
    // The cube is solid: the middle of each view is covered by something nearer than the centre's plane.
    for (let v = 0; v < 12; v++) {
      const middle = (v * 32 + 16) * 32 + 16;
      expect(owners[middle]).toBeLessThan(N);
      expect(depth[middle]).toBeGreaterThan(0.5);
    }
  });

  it('paint what the points carry, and nothing where nothing is', async () => {
    const points = constant([-0.5, 0.5, 0, 0.5, -0.5, 0], [1, 2, 3]);
    const seen = splats(points, constant(ALONG_Z, [1, 16]), { side: 2, radius: 0 });
    const { painted } = await compute({ painted: paint(constant([1, 2, 3, 4], [1, 2, 2]), seen) });
    expect(Array.from(painted)).toEqual([1, 0, 0, 3, 2, 0, 0, 4]);
  });

  it('cameras look at the origin from around the vertical axis', async () => {
    // A point towards the first camera is nearest in the first view and farthest in the opposite one.
    const elevation = Math.PI / 6;
    const towards = [0, 0.5 * Math.sin(elevation), 0.5 * Math.cos(elevation)];
    const cameras = constant(orbitCameras(2, { elevation }), [2, 16]);
    const { depth } = await compute({
      depth: splats(constant(towards, [1, 1, 3]), cameras, { side: 1, radius: 0 }).depth,
    });
    expect(depth[0]).toBeCloseTo(0.75, 5);
    expect(depth[1]).toBeCloseTo(0.5 + 0.25 * (Math.sin(elevation) ** 2 - Math.cos(elevation) ** 2), 5);
  });
});
