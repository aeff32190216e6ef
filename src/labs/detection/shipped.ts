/** The models that ship with this lab. */
import { loadModel } from '../../models/card';
import type { Config } from '../../train/control';
import type { StartingModel } from '../../train/experiment';
import { labModels } from '../labModels';
import { BACKBONE_PARAMETER } from './backbone';
import { meta } from './meta';

/** Settings that decide whether weights fit, and what the network's output means. */
const ARCHITECTURE = [
  ...['method', 'data', 'classes', 'deform', 'deformed', 'k', 'roipool', 'pspool'],
  ...['width', 'blocks', 'atrous', 'norm', 'hidden', 'scales', 'ratios'],
];
/** Settings that decide whether a backbone fits, whatever stands on it. */
const TRUNK = ['width', 'blocks', 'atrous', 'norm'];

export const models = labModels(meta, ARCHITECTURE);
const trunks = labModels(meta, TRUNK);

/**
 * What a run of this config starts from. A backbone alone comes from a model without deformable layers: with offsets at zero they begin as
 * the same plain ones. Throws where nothing fits, with the settings that would.
 */
export async function startingModel(
  config: Config,
  read: Parameters<typeof models.cards>[0],
): Promise<StartingModel | undefined> {
  if (config['start'] !== 'backbone') return models.startingModel(config, read);
  const cards = await trunks.cards(read);
  const plain = cards.filter((card) => trunks.configOf(card)['deform'] === 'none');
  const card = trunks.fitting(plain, config);
  if (!card) {
    const ways = plain.map((c) => TRUNK.map((id) => `${id} ${String(trunks.configOf(c)[id])}`).join(', '));
    throw new Error(`start = backbone: no shipped model has this backbone; there is ${ways.join('; ')}`);
  }
  return { bytes: (await loadModel(card.id, read)).bytes, takes: (name) => BACKBONE_PARAMETER.test(name) };
}
