/** The reader's own pictures on the page: read from files or the camera, given boxes, undone, kept for training. */
import { named, readAnnotatedFiles, tooFewAnnotated, type Fitted } from '../../data/annotatedFiles';
import {
  keepAnnotatedPictures,
  keptAnnotatedPictures,
  type AnnotatedPicture,
  type AnnotatedPictures,
} from '../../data/annotatedPictures';
import type { PictureFile, Skipped } from '../../data/ownImages';
import { textOf } from '../../data/saidError';
import type { Text } from '../../train/control';
import type { Corners } from '../../ui/pictureLayers';

/** Steps that can be undone. */
const MOST_UNDONE = 50;

export class OwnPictures {
  set = $state.raw<AnnotatedPictures>({ classes: [], pictures: [] });
  /** Index of the picture on screen. */
  at = $state(0);
  /** Index of its box that is in hand. */
  box = $state<number | undefined>();
  /** Class that a new box gets. */
  label = $state(0);
  skipped = $state.raw<readonly Skipped[]>([]);
  progress = $state.raw<{ readonly done: number; readonly total: number } | undefined>();
  problem = $state.raw<Text | undefined>();
  /** Rises with every change that is not kept yet. */
  changes = $state(0);
  private undone = $state.raw<readonly AnnotatedPictures[]>([]);
  private loaded = false;

  readonly picture = $derived(this.set.pictures[Math.min(this.at, this.set.pictures.length - 1)]);
  readonly tooFew = $derived(tooFewAnnotated(this.set));
  readonly canUndo = $derived(this.undone.length > 0);

  /** What was kept on an earlier visit, once. */
  async load(): Promise<void> {
    if (this.loaded) return;
    this.loaded = true;
    const kept = await keptAnnotatedPictures();
    if (kept && this.set.pictures.length === 0) this.set = kept;
  }

  async read(files: readonly PictureFile[]): Promise<void> {
    if (files.length === 0) return;
    this.problem = undefined;
    this.skipped = [];
    this.progress = { done: 0, total: files.length };
    try {
      const before = this.set;
      const read = await readAnnotatedFiles(files, before.classes, undefined, (done, total) => {
        this.progress = { done, total };
      });
      this.skipped = read.skipped;
      if (read.pictures.length === 0) return;
      // The same picture again takes the place of the one before.
      const names = new Set(read.pictures.map((p) => p.name));
      const others = before.pictures.filter((p) => !names.has(p.name));
      this.change({ classes: read.classes, pictures: [...others, ...read.pictures] });
      this.show(others.length);
    } catch (error) {
      this.problem = textOf(error);
    } finally {
      this.progress = undefined;
    }
  }

  /** A picture from the camera. */
  take(name: string, { pixels }: Fitted): void {
    this.change({ ...this.set, pictures: [...this.set.pictures, { name, pixels, objects: [] }] });
    this.show(this.set.pictures.length - 1);
  }

  show(index: number): void {
    this.at = index;
    this.box = undefined;
  }

  addClass(name: string): void {
    const found = this.set.classes.findIndex((c) => c.en === name);
    if (found < 0) this.change({ ...this.set, classes: [...this.set.classes, named(name)] });
    this.relabel(found < 0 ? this.set.classes.length - 1 : found);
  }

  /** The class of the box in hand, and of boxes to come. */
  relabel(label: number): void {
    this.label = label;
    const { box } = this;
    if (box !== undefined) this.objects((all) => all.map((o, i) => (i === box ? { ...o, label } : o)));
  }

  add(box: Corners): void {
    if (this.set.classes.length === 0) this.set = { ...this.set, classes: [named('object')] };
    const label = Math.min(this.label, this.set.classes.length - 1);
    this.objects((all) => [...all, { label, box }]);
    this.box = (this.picture?.objects.length ?? 1) - 1;
  }

  move(index: number, box: Corners): void {
    this.objects((all) => all.map((o, i) => (i === index ? { ...o, box } : o)));
  }

  delete(index: number): void {
    this.box = undefined;
    this.objects((all) => all.filter((_, i) => i !== index));
  }

  /** Takes the picture on screen away. */
  drop(): void {
    const { picture } = this;
    this.change({ ...this.set, pictures: this.set.pictures.filter((p) => p !== picture) });
    this.show(Math.max(0, Math.min(this.at, this.set.pictures.length - 1)));
  }

  undo(): void {
    const last = this.undone.at(-1);
    if (!last) return;
    this.undone = this.undone.slice(0, -1);
    this.set = last;
    this.changes++;
    this.box = undefined;
    this.at = Math.max(0, Math.min(this.at, last.pictures.length - 1));
  }

  /** Those with boxes, where training finds them; gives whether that went well. */
  async keep(): Promise<boolean> {
    try {
      await keepAnnotatedPictures({ ...this.set, pictures: this.set.pictures.filter((p) => p.objects.length > 0) });
      this.changes = 0;
      return true;
    } catch (error) {
      const { en, zh } = textOf(error);
      this.problem = { en: `The browser did not keep them: ${en}`, zh: `浏览器未能保存：${zh}` };
      return false;
    }
  }

  private objects(change: (all: AnnotatedPicture['objects']) => AnnotatedPicture['objects']): void {
    const { picture } = this;
    if (!picture) return;
    const changed = { ...picture, objects: change(picture.objects) };
    this.change({ ...this.set, pictures: this.set.pictures.map((p) => (p === picture ? changed : p)) });
  }

  private change(next: AnnotatedPictures): void {
    this.undone = [...this.undone, this.set].slice(-MOST_UNDONE);
    this.set = next;
    this.changes++;
  }
}
