import * as v from 'valibot';
import { readJson, readPacked, type FileReader } from './load';
import { Draws, shuffledIndices } from './draws';
import type { ShapeSet, ShapeSplit } from './shapeSet';

const Named = v.object({ en: v.string(), zh: v.string() });

/** What public/data/<id>/card.json says of a shipped set of shapes. */
export const ShapeCardSchema = v.object({
  id: v.string(),
  title: Named,
  source: v.string(),
  licence: v.string(),
  attribution: v.string(),
  points: v.number(),
  classes: v.array(Named),
  parts: v.array(Named),
  partsOf: v.array(v.array(v.number())),
  train: v.number(),
  test: v.number(),
  bytes: v.number(),
  sha256: v.string(),
});
export type ShapeCard = v.InferOutput<typeof ShapeCardSchema>;

/** Sets of shapes that ship with the page. */
export const SHIPPED_SHAPES = ['furniture', 'components'] as const;

/** One line of public/data/<id>/shapes.json: what a shape is and whose it is. Training shapes first, then the held-out ones. */
export const ShapeFactsSchema = v.array(
  v.object({ name: v.string(), creator: v.string(), licence: v.string(), family: v.string() }),
);
export type ShapeFacts = v.InferOutput<typeof ShapeFactsSchema>;

export async function readShapeCard(id: string, read: FileReader): Promise<ShapeCard> {
  return readJson(`data/${id}/card.json`, ShapeCardSchema, read);
}

/** Names, creators and licences of a set's shapes. */
export async function readShapeFacts(id: string, read: FileReader): Promise<ShapeFacts> {
  return readJson(`data/${id}/shapes.json`, ShapeFactsSchema, read);
}

/**
 * A shipped set of shapes. The file holds, for all shapes, training first: planes of x, y, z (int8, each point minus the one before it in
 * its shape), two planes of octahedral normals, parts where the card names any; then labels (a byte each) and radii (two bytes each,
 * millimetres). Throws with file, expectation and fix when it is missing or damaged.
 */
export async function loadShapeSet(id: string, read: FileReader): Promise<ShapeSet> {
  const card = await readShapeCard(id, read);
  const bytes = await readPacked(id, card.sha256, read);
  const shapes = card.train + card.test;
  const planes = card.parts.length > 0 ? 6 : 5;
  const expected = shapes * (planes * card.points + 3);
  if (bytes.length !== expected)
    throw new Error(`data/${id}/data.bin.gz unpacks to ${bytes.length} bytes, expected ${expected}; reload`);
  const total = shapes * card.points;
  const words = wordsOf(bytes, total, card.points, planes);
  const labels = bytes.subarray(planes * total, planes * total + shapes);
  const radii = Float32Array.from({ length: shapes }, (_, i) => {
    const at = planes * total + shapes + 2 * i;
    return ((bytes[at] ?? 0) + 256 * (bytes[at + 1] ?? 0)) / 1000;
  });
  const part = (from: number, to: number): ShapeSplit => ({
    words: words.subarray(2 * from * card.points, 2 * to * card.points),
    labels: labels.subarray(from, to),
    radii: radii.subarray(from, to),
    count: to - from,
  });
  const { points, classes, parts, partsOf } = card;
  return { id, points, classes, parts, partsOf, train: part(0, card.train), test: part(card.train, shapes) };
}

/** The file has the points along a Morton curve; here they lie in no order, so that the first of them are spread over the shape. */
function wordsOf(bytes: Uint8Array, total: number, perShape: number, planes: number): Uint32Array {
  const places = shuffledIndices(perShape, new Draws(1, 'stored points'));
  const words = new Uint32Array(2 * total);
  const at = [0, 0, 0];
  for (let i = 0; i < total; i++) {
    for (let c = 0; c < 3; c++) {
      const before = i % perShape === 0 ? 0 : (at[c] ?? 0);
      at[c] = (before + (bytes[c * total + i] ?? 0)) & 0xff;
    }
    const part = planes > 5 ? (bytes[5 * total + i] ?? 0) : 0;
    const inShape = i % perShape;
    const to = 2 * (i - inShape + (places[inShape] ?? 0));
    words[to] = (at[0] ?? 0) | ((at[1] ?? 0) << 8) | ((at[2] ?? 0) << 16) | (part << 24);
    words[to + 1] = normalWord(bytes[3 * total + i] ?? 0, bytes[4 * total + i] ?? 0);
  }
  return words;
}

/** Octahedral normals (Cigolle et al. 2014): two bytes, −127 … 127 as two's complement, to three. */
function normalWord(a: number, b: number): number {
  let [x, y] = [((a << 24) >> 24) / 127, ((b << 24) >> 24) / 127];
  const z = 1 - Math.abs(x) - Math.abs(y);
  if (z < 0) {
    const unfolded = (p: number, q: number) => (1 - Math.abs(q)) * (p < 0 ? -1 : 1);
    [x, y] = [unfolded(x, y), unfolded(y, x)];
  }
  const length = Math.hypot(x, y, z);
  const byte = (v: number) => Math.round((127 * v) / length) & 0xff;
  return byte(x) | (byte(y) << 8) | (byte(z) << 16);
}
