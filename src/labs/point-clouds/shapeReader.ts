/** Reads the reader's own shapes in a thread of its own: millions of points must not hold up the page. */
import * as Comlink from 'comlink';
import { readOwnShape } from '../../data/ownShapes';

export interface ShapeReader {
  readonly read: typeof readOwnShape;
}

Comlink.expose({ read: readOwnShape } satisfies ShapeReader);
