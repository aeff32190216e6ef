import * as v from 'valibot';
import { Chosen, floats, requireMethod, see, tapped, wholes, type MakeView } from './looker';

/**
 * MVCNN on the first chosen cloud: `pictures` [V, 1 or 3, H, H] (depth 0 … 1, or normals −1 … 1; 0 where nothing is), `winners` u32
 * [features], which view won each pooled feature, and `wins` u32 [V], how many each won.
 */
export const pictures: MakeView = async (looker, request) => {
  requireMethod(looker, 'pictures', 'views');
  const chosen = v.parse(Chosen, request ?? {});
  const seen = await see(looker, { ...chosen, shapes: chosen.shapes.slice(0, 1) }, ['pictures', 'winners']);
  const { shape, data } = tapped(seen, 'pictures');
  const winners = tapped(seen, 'winners').data;
  const wins = new Uint32Array(shape[1] ?? 1);
  winners.forEach((w) => (wins[w] = (wins[w] ?? 0) + 1));
  return {
    pictures: floats(shape.slice(1), data),
    winners: wholes([winners.length], winners),
    wins: wholes([wins.length], wins),
  };
};
