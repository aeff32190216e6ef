/** Own pictures between visits, in the browser's IndexedDB: they never leave the machine. */
import { openDB } from 'idb';
import type { ImageSet } from './imageSet';

const STORE = 'sets';
const KEY = 'own';

function open() {
  return openDB('glimpse-own-images', 1, { upgrade: (db) => void db.createObjectStore(STORE) });
}

/** Throws where the browser keeps nothing (private window, full disk). */
export async function keepOwnImages(set: ImageSet): Promise<void> {
  const db = await open();
  await db.put(STORE, set, KEY);
  db.close();
}

/** The kept set; undefined where there is none or nothing can be kept. */
export async function keptOwnImages(): Promise<ImageSet | undefined> {
  try {
    const db = await open();
    const set = (await db.get(STORE, KEY)) as ImageSet | undefined;
    db.close();
    return set;
  } catch {
    return undefined;
  }
}
