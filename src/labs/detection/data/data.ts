/** What the lab learns from: scenes composed of sprites, or the reader's own pictures with boxes. */
import {
  ANNOTATED_SIZE,
  FEWEST_ANNOTATED,
  HELD_OUT_EVERY,
  type AnnotatedPictures,
} from '../../../data/annotatedPictures';
import { Draws } from '../../../data/draws';
import type { ClassName } from '../../../data/imageSet';
import { composeScene, type Scene, type SceneOptions } from '../../../data/scenes';
import { loadSprites, type Part, type SpriteSet } from '../../../data/sprites';
import type { Config } from '../../../train/control';
import type { DataSource } from '../../../train/dataSource';
import type { DataSummary } from '../../../train/protocol';
import { scaledPlanes } from './scaledPlanes';

export interface DetectionData {
  readonly id: string;
  readonly classes: readonly ClassName[];
  /** Side of a picture in pixels. */
  readonly size: number;
  /** What scenes are composed of; undefined for the reader's own pictures. */
  readonly sprites: SpriteSet | undefined;
  /** Objects of a picture at most. */
  readonly most: number;
  /** Different pictures that there are of a part; Infinity for composed scenes. */
  readonly count: (part: Part) => number;
  /** The picture of a number: the same for the same options, part, seed and number. */
  readonly scene: (part: Part, seed: number, number: number, options: SceneOptions) => Scene;
}

/** Objects of a composed scene at most: the end of the control's range. */
const MOST_OBJECTS = 8;

/** Six classes of the furniture that look unlike each other; the emoji have six in all. */
const SIX: Readonly<Record<string, readonly string[]>> = {
  furniture: ['chair', 'cabinet', 'lamp', 'plant', 'person', 'car'],
};
const ONE: ClassName = { en: 'object', zh: '物体' };

const loaded = new WeakMap<DataSource, Map<string, Promise<DetectionData>>>();

/** Throws with file and fix when the set is missing or damaged, and where there are no own pictures with boxes. */
export function loadDetectionData(config: Config, source: DataSource): Promise<DetectionData> {
  const [id, size, classes] = [String(config['data']), Number(config['size']), String(config['classes'])];
  if (id === 'own') return ownData(source, size);
  const known = loaded.get(source) ?? new Map<string, Promise<DetectionData>>();
  loaded.set(source, known);
  const key = `${id} ${classes} ${size}`;
  const data =
    known.get(key) ?? loadSprites(id, source.read).then((set) => composed(chosenClasses(set, classes), size));
  known.set(key, data);
  data.catch(() => known.delete(key));
  return data;
}

export function composed(sprites: SpriteSet, size: number): DetectionData {
  return {
    id: sprites.id,
    classes: sprites.classes,
    size,
    sprites,
    most: MOST_OBJECTS,
    count: () => Infinity,
    scene: (part, seed, number, options) => composeScene(sprites, { ...options, size }, part, seed, number),
  };
}

/** The set with all classes, six of them, or all as one. */
export function chosenClasses(set: SpriteSet, which: string): SpriteSet {
  if (which === 'one') return { ...set, classes: [ONE], sprites: set.sprites.map((s) => ({ ...s, label: 0 })) };
  const names = which === 'six' ? SIX[set.id] : undefined;
  if (!names) return set;
  const kept = names.map((name) => set.classes.findIndex((c) => c.en === name));
  return {
    ...set,
    classes: set.classes.length > 0 ? kept.flatMap((at) => set.classes[at] ?? []) : [],
    sprites: set.sprites.flatMap((s) => (kept.includes(s.label) ? [{ ...s, label: kept.indexOf(s.label) }] : [])),
  };
}

async function ownData(source: DataSource, size: number): Promise<DetectionData> {
  const own = await source.annotated?.();
  if (!own || own.pictures.length < FEWEST_ANNOTATED)
    throw new Error(
      `data = own: there are ${own?.pictures.length ?? 0} pictures of your own with boxes; give at least ${FEWEST_ANNOTATED} in the page, or take furniture or emoji`,
    );
  return annotated(own, size);
}

/** Every fifth picture is held out. Training pictures are mirrored by chance; the options of scenes say nothing here. */
export function annotated(own: AnnotatedPictures, size: number): DetectionData {
  const heldOut = (i: number) => i % HELD_OUT_EVERY === HELD_OUT_EVERY - 1;
  const all = own.pictures.map((picture): Scene => {
    const scale = size / ANNOTATED_SIZE;
    const objects = picture.objects
      .filter((o) => o.difficult !== true)
      .map(({ label, box: [x1, y1, x2, y2] }) => ({
        ...{ label, box: [x1 * scale, y1 * scale, x2 * scale, y2 * scale] as const },
        ...{ scale: Math.max(x2 - x1, y2 - y1) / ANNOTATED_SIZE, rotation: 0, warp: 0 },
      }));
    return { size, pixels: scaledPlanes(picture.pixels, ANNOTATED_SIZE, size), objects };
  });
  const parts = { train: all.filter((_, i) => !heldOut(i)), test: all.filter((_, i) => heldOut(i)) };
  return {
    id: 'own',
    classes: own.classes,
    size,
    sprites: undefined,
    most: Math.max(1, ...all.map((s) => s.objects.length)),
    count: (part) => parts[part].length,
    scene: (part, seed, number) => {
      const scenes = parts[part];
      if (part === 'test') return scenes[number % scenes.length] ?? empty(size);
      const draws = new Draws(seed, `own ${number}`);
      const scene = scenes[draws.whole(scenes.length)] ?? empty(size);
      return draws.next() < 0.5 ? mirrored(scene) : scene;
    },
  };
}

function empty(size: number): Scene {
  return { size, pixels: new Uint8Array(3 * size * size), objects: [] };
}

function mirrored({ size, pixels, objects }: Scene): Scene {
  const turned = pixels.map((_, i) => pixels[i - (i % size) + size - 1 - (i % size)] ?? 0);
  return {
    size,
    pixels: turned,
    objects: objects.map((o) => ({ ...o, box: [size - o.box[2], o.box[1], size - o.box[0], o.box[3]] })),
  };
}

/** Held-out scenes of an evaluation. */
export const HELD_OUT_SCENES = 96;

export function describeDetectionData({ id, size, classes, count }: DetectionData): DataSummary {
  const finite = (n: number) => (Number.isFinite(n) ? n : 0);
  return {
    id,
    sample: [3, size, size],
    train: finite(count('train')),
    test: Math.min(HELD_OUT_SCENES, count('test')),
    classes,
  };
}
