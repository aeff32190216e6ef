/** What public/models/<id>/card.json says of a shipped model, and the way from its id to checked bytes. */
import * as v from 'valibot';
import { ModelFileError } from './protobuf';

const text = v.pipe(v.string(), v.nonEmpty());
const wholeNumber = v.pipe(v.number(), v.integer(), v.minValue(0));

/** Ids become part of a path. */
const IdSchema = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'an id has small letters, digits and single dashes'),
);

export const ModelCardSchema = v.object({
  id: IdSchema,
  title: v.object({ en: text, zh: text }),
  lab: IdSchema,
  /** The hash of the page's address with which the model was trained, from '#/'. */
  link: v.pipe(v.string(), v.startsWith('#/')),
  /** Data set it was trained on. */
  data: IdSchema,
  /** Training steps. */
  steps: wholeNumber,
  /** Held-out measurements at the end, by name. */
  metrics: v.record(v.string(), v.number()),
  licence: text,
  /** Of model.onnx beside the card. */
  bytes: wholeNumber,
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'a sha256 has 64 hexadecimal digits')),
});
export type ModelCard = v.InferOutput<typeof ModelCardSchema>;

/** Reads one of the page's own files by its path below the page: `fetch` in the page, the file system in Node. */
type ReadFile = (path: string) => Promise<ArrayBuffer>;

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (b) => b.toString(16).padStart(2, '0')).join('');
}

/** The card of a file: size and digest are taken from its bytes. Throws when a fact is not valid. */
export async function describeModel(
  facts: Omit<ModelCard, 'bytes' | 'sha256'>,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<ModelCard> {
  return parseCard(facts.id, { ...facts, bytes: bytes.length, sha256: await sha256(bytes) });
}

/** Throws ModelFileError naming the model, the entry of its card and what is wrong with it. */
function parseCard(id: string, json: unknown): ModelCard {
  const parsed = v.safeParse(ModelCardSchema, json);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const entry = issue.path?.map((part) => String(part.key)).join('.') ?? 'card.json';
  throw new ModelFileError(`model "${id}": its card is not valid at "${entry}" (${issue.message}); correct the card`);
}

/** The card of a shipped model. Throws ModelFileError when it is missing an entry, or is another model's. */
export async function readModelCard(id: string, read: ReadFile): Promise<ModelCard> {
  if (!v.is(IdSchema, id)) throw new ModelFileError(`model "${id}": there is no such model; choose one from the list`);
  const json = new TextDecoder().decode(await read(`models/${id}/card.json`));
  let card: unknown;
  try {
    card = JSON.parse(json);
  } catch {
    throw new ModelFileError(`model "${id}": its card is not JSON; reload the page`);
  }
  const parsed = parseCard(id, card);
  if (parsed.id !== id) {
    throw new ModelFileError(`model "${id}": its card is that of "${parsed.id}"; correct the card`);
  }
  return parsed;
}

/** A shipped model and its card. Throws ModelFileError when the file is not the one that the card describes. */
export async function loadModel(
  id: string,
  read: ReadFile,
): Promise<{ card: ModelCard; bytes: Uint8Array<ArrayBuffer> }> {
  const card = await readModelCard(id, read);
  const bytes = new Uint8Array(await read(`models/${id}/model.onnx`));
  if (bytes.length !== card.bytes) {
    throw new ModelFileError(
      `models/${id}/model.onnx has ${bytes.length} bytes, its card says ${card.bytes}; reload the page`,
    );
  }
  // A page served from another machine without https has no crypto.subtle; the length was compared.
  const digest = globalThis.crypto?.subtle ? await sha256(bytes) : card.sha256;
  if (digest !== card.sha256) {
    throw new ModelFileError(
      `models/${id}/model.onnx is damaged: sha256 is ${digest.slice(0, 12)}…, its card says ${card.sha256.slice(0, 12)}…; reload the page`,
    );
  }
  return { card, bytes };
}
