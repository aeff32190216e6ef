import type { AnnotatedPictures } from '../data/annotatedPictures';
import type { ImageSet } from '../data/imageSet';
import type { FileReader } from '../data/load';

/** Where a lab's data come from: the page gives one that fetches, the runner one that reads the disk. */
export interface DataSource {
  /** The page's own files. */
  readonly read: FileReader;
  /** The reader's own pictures; undefined where there are none (the runner has none). */
  readonly ownImages: () => Promise<ImageSet | undefined>;
  /** The reader's own pictures with boxes, where the program has a place for them. */
  readonly annotated?: () => Promise<AnnotatedPictures | undefined>;
}
