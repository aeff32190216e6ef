import { SaidError } from '../../../data/saidError';
import * as v from 'valibot';
import { Chosen, floats, requireMethod, see, tapped, wholes, type MakeView } from './looker';

const Picked = v.object({ ...Chosen.entries, point: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0) });
const LAYERS = [0, 1, 2, 3];

/**
 * DGCNN on the first chosen cloud: `points` [N, 3]; of the picked `point`, in each of the four layers' graphs, `neighbours` u32 [4, k],
 * nearest first, and `distances` [4, N], its distance to every point in the features that the layer is given.
 */
export const neighbours: MakeView = async (looker, request) => {
  requireMethod(looker, 'neighbours', 'dgcnn');
  const { point, ...chosen } = v.parse(Picked, request ?? {});
  const taps = LAYERS.flatMap((i) => [`neighbours.${i}`, `features.${i}`]);
  const seen = await see(looker, { ...chosen, shapes: chosen.shapes.slice(0, 1) }, taps);
  const N = seen.points.length / 3;
  if (point >= N)
    throw new SaidError({
      en: `point ${point}: the cloud is seen with ${N} points; give 0 to ${N - 1}`,
      zh: `点 ${point}：点云只有 ${N} 个点；请取 0 至 ${N - 1}`,
    });
  const k = tapped(seen, 'neighbours.0').shape[2] ?? 1;
  const found = LAYERS.flatMap((i) =>
    Array.from(tapped(seen, `neighbours.${i}`).data.subarray(point * k, (point + 1) * k)),
  );
  const distances = LAYERS.flatMap((i) => {
    const { shape, data } = tapped(seen, `features.${i}`);
    const C = shape[2] ?? 1;
    return Array.from({ length: N }, (_, j) => {
      let sum = 0;
      for (let c = 0; c < C; c++) sum += ((data[j * C + c] ?? 0) - (data[point * C + c] ?? 0)) ** 2;
      return Math.sqrt(sum);
    });
  });
  return {
    points: floats([N, 3], seen.points),
    neighbours: wholes([LAYERS.length, k], found),
    distances: floats([LAYERS.length, N], distances),
  };
};
