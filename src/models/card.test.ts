import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { describeModel, loadModel, readModelCard } from './card';
import { readModelFacts } from './modelFacts';
import { readDiffusion } from './diffusionOnnx';
import { readMaeConfig, readParameters } from './maeOnnx';

const FACTS = {
  id: 'fashion-mae',
  title: { en: 'Fashion', zh: '服饰' },
  lab: 'masked-images',
  link: '#/masked-images?seed=7',
  data: 'fashion',
  steps: 100,
  metrics: { heldOutLoss: 0.4 },
  licence: 'MIT',
};

/** Files in memory. */
function reader(files: Record<string, Uint8Array | string>) {
  return async (path: string): Promise<ArrayBuffer> => {
    const file = files[path];
    if (file === undefined) throw new Error(`no file ${path}`);
    return new Uint8Array(typeof file === 'string' ? new TextEncoder().encode(file) : file).buffer;
  };
}

const BYTES = Uint8Array.of(1, 2, 3);

async function shipped(changes: object = {}, model = BYTES) {
  const card = { ...(await describeModel(FACTS, BYTES)), ...changes };
  return reader({ 'models/fashion-mae/card.json': JSON.stringify(card), 'models/fashion-mae/model.onnx': model });
}

describe('model cards', () => {
  it('lead to the bytes that they describe', async () => {
    const { card, bytes } = await loadModel('fashion-mae', await shipped());
    expect(bytes).toEqual(BYTES);
    expect(card).toMatchObject({ ...FACTS, bytes: 3 });
    expect(card.sha256).toBe('039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81');
  });

  it('tell a damaged file', async () => {
    await expect(loadModel('fashion-mae', await shipped({}, Uint8Array.of(1, 2)))).rejects.toThrow(
      /has 2 bytes.*says 3/,
    );
    await expect(loadModel('fashion-mae', await shipped({}, Uint8Array.of(1, 2, 4)))).rejects.toThrow(/is damaged/);
  });

  it('that are wrong name the entry', async () => {
    await expect(readModelCard('fashion-mae', await shipped({ link: 'https://x' }))).rejects.toThrow(/at "link"/);
    await expect(readModelCard('fashion-mae', await shipped({ sha256: 'AB' }))).rejects.toThrow(/at "sha256"/);
    await expect(readModelCard('fashion-mae', await shipped({ metrics: { a: 'b' } }))).rejects.toThrow(
      /at "metrics\.a"/,
    );
    await expect(readModelCard('fashion-mae', await shipped({ id: 'other' }))).rejects.toThrow(/that of "other"/);
    const broken = reader({ 'models/fashion-mae/card.json': '{' });
    await expect(readModelCard('fashion-mae', broken)).rejects.toThrow(/not JSON/);
    await expect(readModelCard('../secret', broken)).rejects.toThrow(/no such model/);
  });
});

const MODELS = new URL('../../public/models/', import.meta.url);

it('every shipped model fits its card and opens', async () => {
  const ids = existsSync(MODELS) ? readdirSync(MODELS) : [];
  const read = async (path: string): Promise<ArrayBuffer> =>
    new Uint8Array(await readFile(new URL(path, new URL('../', MODELS)))).buffer;
  for (const id of ids) {
    const { card, bytes } = await loadModel(id, read);
    const { params, metadata } = readParameters(bytes);
    expect(params.size, id).toBeGreaterThan(0);
    const { link, steps } = readModelFacts(metadata);
    expect([link, steps], id).toEqual([card.link, card.steps]);
    if (card.lab === 'diffusion') expect(readDiffusion(bytes).parameters.size, id).toBeGreaterThan(0);
    if (card.lab === 'masked-images') expect(readMaeConfig(metadata).size, id).toBeGreaterThan(0);
  }
});
