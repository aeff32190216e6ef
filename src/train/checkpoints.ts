import { openDB, type IDBPDatabase } from 'idb';
import type { Text } from './control';
import type { LinkRecipe } from './protocol';
import type { Checkpoint, CheckpointStore } from './sessionSetup';

const MOST_KEPT = 8;
/** Rises when what is kept has another form. */
const VERSION = 2;

interface Kept {
  readonly key: string;
  readonly time: number;
  readonly checkpoint: Checkpoint;
}

/**
 * Checkpoints in the browser's IndexedDB, the latest few runs, by a key that names a run: its link and its data. Storage that is full or
 * forbidden must not stop a run: `onProblem` hears of it, and training goes on without.
 */
export class BrowserCheckpoints implements CheckpointStore {
  private readonly opened: Promise<IDBPDatabase>;

  constructor(
    private readonly keyOf: (recipe: LinkRecipe) => Promise<string>,
    private readonly onProblem: (message: Text) => void,
  ) {
    this.opened = openDB('glimpse', VERSION, {
      upgrade: (db) => {
        for (const name of [...db.objectStoreNames]) db.deleteObjectStore(name);
        db.createObjectStore('checkpoints', { keyPath: 'key' });
      },
    });
    this.opened.catch(() => undefined);
  }

  async save(recipe: LinkRecipe, checkpoint: Checkpoint): Promise<void> {
    try {
      const [db, key] = await Promise.all([this.opened, this.keyOf(recipe)]);
      await db.put('checkpoints', { key, time: Date.now(), checkpoint } satisfies Kept);
      await this.dropOldest(db);
    } catch (error) {
      this.onProblem({
        en: `The checkpoint could not be kept (${String(error)}); training goes on, a reload would start over.`,
        zh: `无法保存检查点（${String(error)}）；训练继续，但重新加载会从头开始。`,
      });
    }
  }

  async load(recipe: LinkRecipe): Promise<Checkpoint | undefined> {
    try {
      const [db, key] = await Promise.all([this.opened, this.keyOf(recipe)]);
      const kept = (await db.get('checkpoints', key)) as Kept | undefined;
      return kept?.checkpoint;
    } catch {
      return undefined;
    }
  }

  async remove(recipe: LinkRecipe): Promise<void> {
    try {
      const [db, key] = await Promise.all([this.opened, this.keyOf(recipe)]);
      await db.delete('checkpoints', key);
    } catch {
      // There is nothing to remove where nothing can be kept.
    }
  }

  private async dropOldest(db: IDBPDatabase): Promise<void> {
    const all = (await db.getAll('checkpoints')) as Kept[];
    const old = all.sort((a, b) => b.time - a.time).slice(MOST_KEPT);
    for (const { key } of old) await db.delete('checkpoints', key);
  }
}
