import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { loadModel } from '../../models/card';
import { labDefaults } from '../../train/lab';
import { loadPointData } from './data/data';
import { importNetwork, readPointCloudFacts } from './onnx';
import { settingsOf } from './settings';
import { meta } from './meta';
import { models } from './shipped';

const PUBLIC = new URL('../../../public/', import.meta.url);
const read = async (path: string): Promise<ArrayBuffer> => new Uint8Array(await readFile(new URL(path, PUBLIC))).buffer;

it('every shipped model of the lab opens in a run of its own settings, and is better than no network', async () => {
  const cards = await models.cards(read);
  expect(cards.length).toBeGreaterThan(0);
  for (const card of cards) {
    const { bytes } = await loadModel(card.id, read);
    const config = models.configOf(card);
    expect(models.fitting(cards, config)?.id).toBe(card.id);
    expect(readPointCloudFacts(bytes)).toMatchObject({ link: card.link, steps: card.steps, method: config['method'] });
    // It is what one of the presets opens on.
    const opened = meta.presets.map((p) => models.fitting(cards, { ...labDefaults(meta), ...p.config })?.id);
    expect(opened).toContain(card.id);
    const data = await loadPointData(config, { read, ownImages: () => Promise.resolve(undefined) });
    expect(importNetwork(bytes, settingsOf(config, data).network).parameters.size, card.id).toBeGreaterThan(10);
    const { accuracy = 0, majority = 1 } = card.metrics;
    expect(accuracy, card.id).toBeGreaterThan(majority);
  }
});
