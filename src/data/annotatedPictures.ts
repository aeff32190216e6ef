/** The reader's own pictures with boxes drawn or imported, at one size; they never leave the machine. */
import { openDB } from 'idb';
import type { ClassName } from './imageSet';
import type { Box } from './scenes';

/** Side in pixels at which they are kept; a lab scales down from it. */
export const ANNOTATED_SIZE = 192;

export interface AnnotatedPicture {
  readonly name: string;
  /** RGB planes [3, 192, 192]: the whole picture, its longer side scaled to fit, grey around. */
  readonly pixels: Uint8Array;
  /** In pixels of these planes. */
  readonly objects: readonly { readonly label: number; readonly box: Box; readonly difficult?: boolean }[];
}

export interface AnnotatedPictures {
  readonly classes: readonly ClassName[];
  readonly pictures: readonly AnnotatedPicture[];
}

/** Fewest pictures that can be learned from: every fifth is held out. */
export const FEWEST_ANNOTATED = 5;
export const HELD_OUT_EVERY = 5;

const STORE = 'sets';
const KEY = 'own';

function open() {
  return openDB('glimpse-annotated-pictures', 1, { upgrade: (db) => void db.createObjectStore(STORE) });
}

/** Throws where the browser keeps nothing (private window, full disk). */
export async function keepAnnotatedPictures(set: AnnotatedPictures): Promise<void> {
  const db = await open();
  await db.put(STORE, set, KEY);
  db.close();
}

/** The kept set; undefined where there is none or nothing can be kept. */
export async function keptAnnotatedPictures(): Promise<AnnotatedPictures | undefined> {
  try {
    const db = await open();
    const set = (await db.get(STORE, KEY)) as AnnotatedPictures | undefined;
    db.close();
    return set;
  } catch {
    return undefined;
  }
}
