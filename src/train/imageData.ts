/** Image sets as the labs' controls name them: `data` (a shipped set, or "own") and `size` (0 for the set's own). */
import { resizeImageSet, type ImageSet } from '../data/imageSet';
import { loadImageSet } from '../data/load';
import { OWN_SIZE } from '../data/ownImages';
import type { Config } from './control';
import type { DataSource } from './dataSource';
import type { DataSummary } from './protocol';

/** Sets by source, id and size: what was measured of a set once (raw pixels) is found again by its identity. */
const loaded = new WeakMap<DataSource, Map<string, Promise<ImageSet>>>();

/** Throws with file and fix when a shipped set is missing or damaged, and where there are no own pictures. */
export function loadImages(config: Config, source: DataSource): Promise<ImageSet> {
  const [id, size] = [String(config['data']), Number(config['size'] ?? 0)];
  if (id === 'own') return ownImages(source, size);
  const sets = loaded.get(source) ?? new Map<string, Promise<ImageSet>>();
  loaded.set(source, sets);
  const key = `${id} ${size}`;
  const set =
    sets.get(key) ?? loadImageSet(id, source.read).then((whole) => (size > 0 ? resizeImageSet(whole, size) : whole));
  sets.set(key, set);
  set.catch(() => sets.delete(key));
  return set;
}

async function ownImages(source: DataSource, size: number): Promise<ImageSet> {
  const own = await source.ownImages();
  if (!own) throw new Error('data = own: there are no pictures of your own yet; choose at least 16 in the page');
  return resizeImageSet(own, size || OWN_SIZE);
}

export function describeImages({ id, channels, size, train, test, classes }: ImageSet): DataSummary {
  return { id, sample: [channels, size, size], train: train.count, test: test.count, classes };
}
