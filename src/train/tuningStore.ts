import { openDB } from 'idb';

/** Kernel variants by `op|shape`, as `DeviceTraits.variants` takes them. */
export type Variants = Readonly<Record<string, string>>;

/** A table of values by key, as IndexedDB gives one. */
export interface KeyedValues {
  get(key: string): Promise<unknown>;
  put(key: string, value: unknown): Promise<unknown>;
  delete(key: string): Promise<unknown>;
}

async function browserTable(): Promise<KeyedValues> {
  const db = await openDB('glimpse tuning', 1, { upgrade: (made) => void made.createObjectStore('variants') });
  return {
    get: (key) => db.get('variants', key),
    put: (key, value) => db.put('variants', value, key),
    delete: (key) => db.delete('variants', key),
  };
}

/** What is kept may be of another version, or broken: only a table of words counts. */
function variantsIn(value: unknown): Variants | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value);
  if (entries.length === 0 || !entries.every((e): e is [string, string] => typeof e[1] === 'string')) return undefined;
  return Object.fromEntries(entries);
}

/** What "tune for this device" found, kept per adapter. Storage that is forbidden means no tuning, not an error, when reading. */
export class TuningStore {
  constructor(private readonly open: () => Promise<KeyedValues> = browserTable) {}

  async load(adapterKey: string): Promise<Variants | undefined> {
    try {
      return variantsIn(await (await this.open()).get(adapterKey));
    } catch {
      return undefined;
    }
  }

  /** Throws what the storage says when it is full or forbidden. */
  async save(adapterKey: string, variants: Variants): Promise<void> {
    await (await this.open()).put(adapterKey, { ...variants });
  }

  async forget(adapterKey: string): Promise<void> {
    await (await this.open()).delete(adapterKey);
  }
}
