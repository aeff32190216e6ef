/** The views of the lab by name; what each takes and gives stands in its own file, and in types.ts as the page reads it. */
import type { Looker, MakeView, Views } from './looker';

const VIEWS: Readonly<Record<string, MakeView>> = {};

/** Throws on an unknown name, and on a request of the wrong form. */
export async function view(looker: Looker, name: string, request: unknown): Promise<Views> {
  const made = VIEWS[name];
  if (!made) throw new Error(`view "${name}": there is none; there are ${Object.keys(VIEWS).join(', ')}`);
  return made(looker, request);
}
