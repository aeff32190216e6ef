import { describe, expect, it } from 'vitest';
import { TuningStore, type KeyedValues } from './tuningStore';

function table(): KeyedValues & { readonly values: Map<string, unknown> } {
  const values = new Map<string, unknown>();
  return {
    values,
    get: (key) => Promise.resolve(values.get(key)),
    put: (key, value) => Promise.resolve(values.set(key, value)),
    delete: (key) => Promise.resolve(values.delete(key)),
  };
}

describe('what tuning found', () => {
  it('is kept per adapter, and forgotten per adapter', async () => {
    const kept = table();
    const store = new TuningStore(() => Promise.resolve(kept));
    await store.save('a', { 'matmul|1x8x8x8|nn': 'smallTile/1' });
    await store.save('b', { 'matmul|1x8x8x8|nn': 'registerTile/1' });
    expect(await store.load('a')).toEqual({ 'matmul|1x8x8x8|nn': 'smallTile/1' });
    await store.forget('a');
    expect(await store.load('a')).toBeUndefined();
    expect(await store.load('b')).toEqual({ 'matmul|1x8x8x8|nn': 'registerTile/1' });
  });

  it('is nothing where what is kept is broken or storage is forbidden', async () => {
    const kept = table();
    for (const broken of [3, null, [], {}, { key: 4 }, 'x']) {
      kept.values.set('a', broken);
      expect(await new TuningStore(() => Promise.resolve(kept)).load('a')).toBeUndefined();
    }
    expect(await new TuningStore(() => Promise.reject(new Error('forbidden'))).load('a')).toBeUndefined();
  });
});
