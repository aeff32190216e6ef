import { openDB, type IDBPDatabase } from 'idb';
import type { Snapshot } from './experiment';
import type { CheckpointStore } from './session';

const MOST_KEPT = 8;

interface Kept {
  readonly key: string;
  readonly time: number;
  readonly snapshot: Snapshot;
}

/**
 * Checkpoints in the browser's IndexedDB, the latest few runs. Storage that is full or forbidden must not stop a run: `onProblem` hears of
 * it, and training goes on without.
 */
export class BrowserCheckpoints implements CheckpointStore {
  private readonly opened: Promise<IDBPDatabase>;

  constructor(private readonly onProblem: (message: string) => void) {
    this.opened = openDB('glimpse', 1, {
      upgrade: (db) => {
        db.createObjectStore('checkpoints', { keyPath: 'key' });
      },
    });
    this.opened.catch(() => undefined);
  }

  async save(key: string, snapshot: Snapshot): Promise<void> {
    try {
      const db = await this.opened;
      await db.put('checkpoints', { key, time: Date.now(), snapshot } satisfies Kept);
      await this.dropOldest(db);
    } catch (error) {
      this.onProblem(
        `The checkpoint could not be kept (${String(error)}); training goes on, a reload would start over.`,
      );
    }
  }

  async load(key: string): Promise<Snapshot | undefined> {
    try {
      const kept = (await (await this.opened).get('checkpoints', key)) as Kept | undefined;
      return kept?.snapshot;
    } catch {
      return undefined;
    }
  }

  async remove(key: string): Promise<void> {
    try {
      await (await this.opened).delete('checkpoints', key);
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
