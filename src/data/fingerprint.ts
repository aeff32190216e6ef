/** Tells one set of the reader's own pictures from another, so that a checkpoint is not taken up with others. */
import type { AnnotatedPictures } from './annotatedPictures';
import type { ImageSet } from './imageSet';

/** FNV-1a over every so many values. */
class Hash {
  private hash = 2166136261;

  add(values: ArrayLike<number>, every = 1): void {
    for (let i = 0; i < values.length; i += every) this.hash = Math.imul(this.hash ^ (values[i] ?? 0), 16777619);
  }

  get text(): string {
    return (this.hash >>> 0).toString(16);
  }
}

/** Of pixels, every so many are enough. */
const EVERY = 97;

export function imageFingerprint(set: ImageSet | undefined): string {
  if (!set) return 'none';
  const hash = new Hash();
  hash.add(set.train.pixels, EVERY);
  return `${set.train.count}-${hash.text}`;
}

/** Other boxes, or other classes, are other data. */
export function annotatedFingerprint(set: AnnotatedPictures | undefined): string {
  if (!set) return 'none';
  const hash = new Hash();
  for (const { pixels, objects } of set.pictures) {
    hash.add(pixels, EVERY);
    for (const { box, label } of objects) hash.add([...box.map((v) => Math.round(16 * v)), label]);
  }
  return `${set.pictures.length}-${set.classes.length}-${hash.text}`;
}
