/** What detection scenes are composed of: cut-out sprites and photographs (public/data/scenes, packed by scripts/data/scenes.mjs). */
import * as v from 'valibot';
import type { ClassName } from './imageSet';
import { readJson, readPacked, type FileReader } from './load';

/** Held-out sprites and photographs are met in tests alone. */
export type Part = 'train' | 'test';

export interface Sprite {
  readonly label: number;
  readonly name: string;
  readonly part: Part;
  /** RGBA planes [4, side, side]; nothing is drawn where alpha is 0. */
  readonly pixels: Uint8Array;
  readonly side: number;
}

export interface Photograph {
  readonly name: string;
  readonly part: Part;
  /** RGB planes [3, height, width]. */
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export interface SpriteSet {
  readonly id: string;
  readonly classes: readonly ClassName[];
  readonly sprites: readonly Sprite[];
  readonly photographs: readonly Photograph[];
}

const Title = v.object({ en: v.string(), zh: v.string() });
const CardSchema = v.object({
  id: v.string(),
  title: Title,
  source: v.string(),
  licence: v.string(),
  /** Of everything, and of the photographs and each set alone. */
  attribution: v.string(),
  photographers: v.string(),
  size: v.number(),
  photo: v.object({ width: v.number(), height: v.number() }),
  sets: v.array(
    v.object({
      id: v.string(),
      title: Title,
      attribution: v.string(),
      classes: v.array(Title),
      sprites: v.number(),
    }),
  ),
  photographs: v.number(),
  train: v.number(),
  test: v.number(),
  sha256: v.string(),
});
export type SceneCard = v.InferOutput<typeof CardSchema>;

const Listed = v.object({ name: v.string(), heldOut: v.boolean() });
const ListSchema = v.record(v.string(), v.array(v.object({ ...Listed.entries, label: v.optional(v.number(), 0) })));

export async function readSceneCard(read: FileReader): Promise<SceneCard> {
  return readJson('data/scenes/card.json', CardSchema, read);
}

/** Adds up the deltas that rows were packed as. */
function undeltaed(packed: Uint8Array, width: number): Uint8Array {
  const pixels = packed.slice();
  for (let i = 0; i < pixels.length; i++)
    if (i % width !== 0) pixels[i] = ((pixels[i] ?? 0) + (pixels[i - 1] ?? 0)) & 255;
  return pixels;
}

const partOf = ({ heldOut }: { readonly heldOut: boolean }): Part => (heldOut ? 'test' : 'train');

/** A shipped set of sprites by its id, 'furniture' or 'emoji', with the photographs. Throws where it is missing or damaged. */
export async function loadSprites(id: string, read: FileReader): Promise<SpriteSet> {
  const card = await readSceneCard(read);
  const lists = await readJson('data/scenes/sprites.json', ListSchema, read);
  const set = card.sets.find((s) => s.id === id);
  if (!set) throw new Error(`sprites "${id}": there are ${card.sets.map((s) => s.id).join(', ')}`);
  const bytes = await readPacked('scenes', card.sha256, read);
  const { size, photo } = card;
  const [spriteLength, photoLength] = [4 * size * size, 3 * photo.width * photo.height];
  const spriteCount = card.sets.reduce((n, s) => n + s.sprites, 0);
  const expected = spriteCount * spriteLength + card.photographs * photoLength;
  if (bytes.length !== expected)
    throw new Error(`data/scenes/data.bin.gz unpacks to ${bytes.length} bytes, expected ${expected}; reload`);
  const first = card.sets.slice(0, card.sets.indexOf(set)).reduce((n, s) => n + s.sprites, 0);
  const piece = (at: number, length: number, width: number) => undeltaed(bytes.subarray(at, at + length), width);
  const sprites = (lists[id] ?? []).map((s, i): Sprite => {
    const pixels = piece((first + i) * spriteLength, spriteLength, size);
    return { label: s.label, name: s.name, part: partOf(s), pixels, side: size };
  });
  const photographs = (lists.photographs ?? []).map((p, i): Photograph => {
    const pixels = piece(spriteCount * spriteLength + i * photoLength, photoLength, photo.width);
    return { name: p.name, part: partOf(p), pixels, ...photo };
  });
  if (sprites.length !== set.sprites || photographs.length !== card.photographs)
    throw new Error('data/scenes/sprites.json does not fit its card; reload');
  return { id, classes: set.classes, sprites, photographs };
}
