/** Reads the reader's own shapes in a thread of its own: millions of points must not hold up the page. */
import * as Comlink from 'comlink';
import { readOwnShape, type OwnShape } from '../../data/ownShapes';
import { textOf } from '../../data/saidError';
import type { Text } from '../../train/control';

export interface ShapeReader {
  /** Errors come as what they say in each language: of a thrown one only the English would cross to the page. */
  readonly read: (...args: Parameters<typeof readOwnShape>) => Promise<OwnShape | { readonly problem: Text }>;
}

Comlink.expose({
  read: (...args) => readOwnShape(...args).catch((error: unknown) => ({ problem: textOf(error) })),
} satisfies ShapeReader);
