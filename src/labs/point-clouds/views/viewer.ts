/** The views of the lab by name; what each takes and gives stands in its own file. */
import { compared } from './compared';
import { critical } from './critical';
import { facts } from './facts';
import { forms } from './forms';
import { grid } from './grid';
import { judgement } from './judgement';
import { levels } from './levels';
import type { Looker, MakeView, Views } from './looker';
import { neighbours } from './neighbours';
import { objects } from './objects';
import { pictures } from './pictures';
import { room } from './room';
import { shapes } from './shapes';
import { transforms } from './transforms';

const VIEWS: Readonly<Record<string, MakeView>> = {
  /** Chosen clouds and what the network makes of them; any method and task. */
  objects,
  /** What else is known of their points. */
  facts,
  /** The same cloud as points, cells, graph and pictures. */
  forms,
  /** What the networks of a comparison make of chosen clouds. */
  compared,
  /** Confusion and IoUs over the held-out set. */
  judgement,
  /** What there is to choose from. */
  shapes,
  /** PointNet. */
  critical,
  transforms,
  /** PointNet++. */
  levels,
  /** DGCNN. */
  neighbours,
  /** VoxNet. */
  grid,
  /** MVCNN. */
  pictures,
  /** Scene segmentation. */
  room,
};

/** Throws on an unknown name, and on a request of the wrong form. */
export async function view(looker: Looker, name: string, request: unknown): Promise<Views> {
  const made = VIEWS[name];
  if (!made) throw new Error(`view "${name}": there is none; there are ${Object.keys(VIEWS).join(', ')}`);
  return made(looker, request);
}
