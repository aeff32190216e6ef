/** The views of the lab by name; what each takes and gives stands in its own file, and in types.ts as the page reads it. */
import type { Looker, MakeView, Views } from './looker';
import { picture, sprites } from './picture';
import { anchors, detections, proposals } from './regions';
import { bins, offsets, sampling } from './sampling';
import { scores } from './scores';
import { votes } from './votes';

const VIEWS: Readonly<Record<string, MakeView>> = {
  /** What is looked at, and its truth; what can be posed. */
  picture,
  sprites,
  /** The two stages. */
  anchors,
  proposals,
  detections,
  /** R-FCN. */
  votes,
  /** Deformable layers, and deformable pooling. */
  sampling,
  offsets,
  bins,
  /** The held-out set judged. */
  scores,
};

/** Throws on an unknown name, and on a request of the wrong form. */
export async function view(looker: Looker, name: string, request: unknown): Promise<Views> {
  const made = VIEWS[name];
  if (!made) throw new Error(`view "${name}": there is none; there are ${Object.keys(VIEWS).join(', ')}`);
  return made(looker, request);
}
