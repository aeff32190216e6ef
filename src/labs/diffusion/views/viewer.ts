/** The views of the lab by name; what each takes and gives stands in its own file. */
import { comparison, fineReference, quality } from './comparison';
import { curvature } from './curvature';
import { data } from './data';
import { edit } from './edit';
import { filmstrip } from './filmstrip';
import { inpaint } from './inpaint';
import { interpolation } from './interpolation';
import { level } from './level';
import { levels } from './levels';
import type { Looker, MakeView, Views } from './looker';
import { neighbours } from './neighbours';
import { noised } from './noised';
import { samples } from './samples';
import { score } from './score';

const VIEWS: Readonly<Record<string, MakeView>> = {
  comparison,
  curvature,
  data,
  edit,
  filmstrip,
  fineReference,
  inpaint,
  interpolation,
  level,
  levels,
  neighbours,
  noised,
  quality,
  samples,
  score,
};

/** Throws on an unknown name, and on a request of the wrong form. */
export async function view(looker: Looker, name: string, request: unknown): Promise<Views> {
  const made = VIEWS[name];
  if (!made) throw new Error(`view "${name}": there is none; there are ${Object.keys(VIEWS).join(', ')}`);
  return made(looker, request);
}
