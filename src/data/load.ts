import { SaidError } from './saidError';
import * as v from 'valibot';
import type { ImageSet } from './imageSet';

/** What public/data/<id>/card.json says of a shipped set. */
export const CardSchema = v.object({
  id: v.string(),
  title: v.object({ en: v.string(), zh: v.string() }),
  source: v.string(),
  licence: v.string(),
  attribution: v.string(),
  channels: v.number(),
  size: v.number(),
  classes: v.array(v.object({ en: v.string(), zh: v.string() })),
  train: v.number(),
  test: v.number(),
  bytes: v.number(),
  sha256: v.string(),
});
export type DataCard = v.InferOutput<typeof CardSchema>;

/** Data sets that ship with the page. */
export const SHIPPED_SETS = ['fashion', 'emoji', 'digits'] as const;

/** Reads one of the page's own files by its path below the page: `fetch` in the page, the file system in Node. */
export type FileReader = (path: string) => Promise<ArrayBuffer>;

async function sha256(bytes: ArrayBuffer): Promise<string> {
  // A page served from another machine without https has no crypto.subtle; the length check below still stands.
  if (!globalThis.crypto?.subtle) return '';
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (b) => b.toString(16).padStart(2, '0')).join('');
}

async function gunzip(bytes: ArrayBuffer): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** One of the page's own JSON files, checked. Throws with its path and what is wrong. */
export async function readJson<Schema extends v.GenericSchema>(
  path: string,
  schema: Schema,
  read: FileReader,
): Promise<v.InferOutput<Schema>> {
  const text = new TextDecoder().decode(await read(path));
  const parsed = v.safeParse(schema, JSON.parse(text));
  if (!parsed.success)
    throw new SaidError({
      en: `${path} is not valid (${parsed.issues[0].message}); reload the page`,
      zh: `${path} 无效（${parsed.issues[0].message}）；请重新加载页面`,
    });
  return parsed.output;
}

export async function readCard(id: string, read: FileReader): Promise<DataCard> {
  return readJson(`data/${id}/card.json`, CardSchema, read);
}

/** The bytes of data/<id>/data.bin.gz, unpacked. Throws where they are not what the card's sha256 says. */
export async function readPacked(id: string, expected: string, read: FileReader): Promise<Uint8Array> {
  const packed = await read(`data/${id}/data.bin.gz`);
  const digest = await sha256(packed);
  if (digest !== '' && digest !== expected) {
    throw new Error(
      `data/${id}/data.bin.gz is damaged: sha256 is ${digest.slice(0, 12)}…, its card says ${expected.slice(0, 12)}…; reload`,
    );
  }
  return gunzip(packed);
}

/** A shipped set. Throws with file, expectation and fix when it is missing or damaged. */
export async function loadImageSet(id: string, read: FileReader): Promise<ImageSet> {
  const card = await readCard(id, read);
  const bytes = await readPacked(id, card.sha256, read);
  const length = card.channels * card.size * card.size;
  const expected = (card.train + card.test) * (length + 1);
  if (bytes.length !== expected)
    throw new Error(`data/${id}/data.bin.gz unpacks to ${bytes.length} bytes, expected ${expected}; reload`);
  const pixels = card.train * length;
  const labels = (card.train + card.test) * length;
  return {
    id,
    channels: card.channels,
    size: card.size,
    classes: card.classes,
    train: {
      pixels: bytes.subarray(0, pixels),
      labels: bytes.subarray(labels, labels + card.train),
      count: card.train,
    },
    test: { pixels: bytes.subarray(pixels, labels), labels: bytes.subarray(labels + card.train), count: card.test },
  };
}
