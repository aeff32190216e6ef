import * as v from 'valibot';
import { Chosen, floats, requireMethod, see, tapped, type MakeView } from './looker';

/** VoxNet on the first chosen cloud: `points` [N, 3] and `occupancy` [R, R, R], indexed [z, y, x], cells of [−1, 1]³. */
export const grid: MakeView = async (looker, request) => {
  const { side } = requireMethod(looker, 'grid', 'voxels');
  const chosen = v.parse(Chosen, request ?? {});
  const seen = await see(looker, { ...chosen, shapes: chosen.shapes.slice(0, 1) }, ['grid']);
  return {
    points: floats([seen.points.length / 3, 3], seen.points),
    occupancy: floats([side, side, side], tapped(seen, 'grid').data),
  };
};
