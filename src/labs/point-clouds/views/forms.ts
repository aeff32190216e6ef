import * as v from 'valibot';
import { compile, type Plan } from '../../../engine/plan';
import { nearestNeighbours } from '../../../engine/ops/nearestNeighbours';
import { reshape } from '../../../engine/ops/reshape';
import { orbitCameras, splats } from '../../../engine/ops/splats';
import { voxels } from '../../../engine/ops/voxels';
import { constant, State } from '../../../engine/state';
import { Chosen, floats, see, wholes, type MakeView } from './looker';

const whole = (least: number, most: number, usual: number) =>
  v.optional(v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most)), usual);

const Asked = v.object({
  ...Chosen.entries,
  /** Cells along an edge. */
  side: whole(4, 64, 16),
  /** Neighbours of each point, itself left out. */
  k: whole(1, 32, 6),
  /** Pictures, and their side in pixels. */
  views: whole(1, 12, 6),
  size: whole(8, 128, 48),
});
/** Of a point's disc, as a share of a picture's side. */
const DISC = 1 / 32;

/**
 * The first chosen cloud in the four forms, whatever the run's network: `points` [N, 3], `grid` [R, R, R] (z, y, x; density over
 * [−1, 1]³), `neighbours` u32 [N, k], `pictures` [V, 1, H, H] (depth).
 */
export const forms: MakeView = async (looker, request) => {
  const { side, k, views, size, ...chosen } = v.parse(Asked, request ?? {});
  const seen = await see(looker, { ...chosen, shapes: chosen.shapes.slice(0, 1) });
  const N = seen.points.length / 3;
  const state = new State('forms', [1, N, 3], 'f32', seen.points);
  const points = state.tensor();
  const near = Math.min(k, N - 1);
  const cameras = constant(orbitCameras(views, { reach: 1.1 }), [views, 16]);
  const outputs = {
    grid: reshape(voxels(points, { side, occupancy: 'density' }), [side, side, side]),
    neighbours: nearestNeighbours(points, points, { k: near, skipSelf: true }).indices,
    pictures: splats(points, cameras, { side: size, radius: Math.max(0.75, size * DISC) }).depth,
  };
  let plan: Plan | undefined;
  try {
    plan = await compile(looker.runtime, { outputs });
    plan.run();
    return {
      points: floats([N, 3], seen.points),
      grid: floats([side, side, side], await plan.read('grid')),
      neighbours: wholes([N, near], await plan.read('neighbours')),
      pictures: floats([views, 1, size, size], await plan.read('pictures')),
    };
  } finally {
    plan?.dispose();
    looker.runtime.release(state);
  }
};
