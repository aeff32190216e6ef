/** The views of the lab by name; what each gives stands in its own file. */
import type { Looker, MakeView, Views } from './looker';
import { samples } from './samples';

const VIEWS: Readonly<Record<string, MakeView>> = { samples };

/** Throws on an unknown name, and on a request of the wrong form. */
export function view(looker: Looker, name: string, request: unknown): Promise<Views> {
  const made = VIEWS[name];
  if (!made) throw new Error(`view "${name}": there is none; there are ${Object.keys(VIEWS).join(', ')}`);
  return made(looker, request);
}
