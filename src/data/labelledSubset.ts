import type { ImageSplit } from './imageSet';

/**
 * `perClass` images of each class, fewer where a class has fewer, picked in the order of `keys` (one number for each image, the
 * smallest first): the same keys give the same subset, and more per class contains fewer per class.
 */
export function labelledSubset(split: ImageSplit, perClass: number, keys: ArrayLike<number>): ImageSplit {
  const order = Array.from({ length: split.count }, (_, i) => i).sort(
    (a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || a - b,
  );
  const taken = new Map<number, number>();
  const chosen = order.filter((i) => {
    const label = split.labels[i] ?? 0;
    const already = taken.get(label) ?? 0;
    taken.set(label, already + 1);
    return already < perClass;
  });
  const length = split.count === 0 ? 0 : split.pixels.length / split.count;
  const pixels = new Uint8Array(chosen.length * length);
  chosen.forEach((i, place) => pixels.set(split.pixels.subarray(i * length, (i + 1) * length), place * length));
  return { pixels, labels: Uint8Array.from(chosen, (i) => split.labels[i] ?? 0), count: chosen.length };
}
