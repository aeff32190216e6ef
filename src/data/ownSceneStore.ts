/** Own pictures with boxes between visits, in the browser's IndexedDB: they never leave the machine. */
import { openDB } from 'idb';
import type { OwnScenes } from './ownScenes';

const STORE = 'scenes';
const KEY = 'own';

function open() {
  return openDB('glimpse-own-scenes', 1, { upgrade: (db) => void db.createObjectStore(STORE) });
}

/** Throws where the browser keeps nothing (private window, full disk). */
export async function keepOwnScenes(scenes: OwnScenes): Promise<void> {
  const db = await open();
  await db.put(STORE, scenes, KEY);
  db.close();
}

/** What was kept; undefined where there is nothing or nothing can be kept. */
export async function keptOwnScenes(): Promise<OwnScenes | undefined> {
  try {
    const db = await open();
    const scenes = (await db.get(STORE, KEY)) as OwnScenes | undefined;
    db.close();
    return scenes;
  } catch {
    return undefined;
  }
}
