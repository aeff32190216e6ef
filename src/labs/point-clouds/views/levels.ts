import * as v from 'valibot';
import { ballsOf } from '../networks/pointNet2';
import { Chosen, floats, requireMethod, see, tapped, wholes, type MakeView } from './looker';

const Asked = v.object({
  ...Chosen.entries,
  /** Which radius; the middle one if none is named. */
  scale: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
});

/** Points by their places in `points` [N, 3]. */
function picked(points: ArrayLike<number>, places: ArrayLike<number>): Float32Array {
  return Float32Array.from(
    { length: 3 * places.length },
    (_, i) => points[3 * (places[Math.floor(i / 3)] ?? 0) + (i % 3)] ?? 0,
  );
}

/**
 * PointNet++ on the first chosen cloud, level by level: `points` [N, 3]; `centres.1`, `centres.2` … [S, 3]; of the balls of one radius
 * (`scale`, of the three that MSG has, the smallest first; the only one otherwise) `members.1` … u32 [S, K], places among the points of the
 * level below, and `counts.1` … u32 [S], how many of them are different; `radii` [levels]; `scales` [1], how many radii there are.
 */
export const levels: MakeView = async (looker, request) => {
  const shape = requireMethod(looker, 'levels', 'pointnet2');
  const { scale, ...chosen } = v.parse(Asked, request ?? {});
  const count = shape.task === 'scene' ? 4 : 2;
  const balls = ballsOf(shape, 0).length;
  const ball = Math.min(scale ?? Math.floor(balls / 2), balls - 1);
  const numbers = Array.from({ length: count }, (_, i) => i + 1);
  // All radii at once: another one asks for no other form.
  const names = numbers.flatMap((n) => [
    `sa${n}.centres`,
    ...Array.from({ length: balls }, (_, i) => [`sa${n}.${i}.members`, `sa${n}.${i}.counts`]).flat(),
  ]);
  const seen = await see(looker, { ...chosen, shapes: chosen.shapes.slice(0, 1) }, names);
  let below = seen.points;
  const parts = numbers.map((n) => {
    const { data: places } = tapped(seen, `sa${n}.centres`);
    const members = tapped(seen, `sa${n}.${ball}.members`);
    const { data: counts } = tapped(seen, `sa${n}.${ball}.counts`);
    const centres = picked(below, places);
    below = centres;
    return {
      [`centres.${n}`]: floats([places.length, 3], centres),
      [`members.${n}`]: wholes(members.shape.slice(1), members.data),
      [`counts.${n}`]: wholes([counts.length], counts),
    };
  });
  return Object.assign(
    {
      points: floats([seen.points.length / 3, 3], seen.points),
      radii: floats(
        [count],
        numbers.map((n) => ballsOf(shape, n - 1)[ball]?.radius ?? 0),
      ),
      scales: floats([1], [balls]),
    },
    ...parts,
  ) as Awaited<ReturnType<MakeView>>;
};
