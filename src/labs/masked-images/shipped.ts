/** The models that ship with this lab: which one suits a config, and what it brings. */
import { loadModel, type ModelCard } from '../../models/card';
import type { Config } from '../../train/control';
import type { Snapshot } from '../../train/experiment';
import { labModels } from '../labModels';
import { meta } from './meta';
import { importMae, readMaeFacts, type MaeFacts } from './onnx';

/** Reads one of the page's own files by its path below the page. */
type ReadFile = (path: string) => Promise<ArrayBuffer>;

/** A shipped model, ready to be looked at or trained on. */
export interface ShippedMae {
  readonly card: ModelCard;
  /** The file, as its card describes it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly facts: MaeFacts;
  /** All settings that the model was trained with. */
  readonly config: Config;
  /** A run at step 0 with the model's weights. */
  readonly snapshot: Snapshot;
}

/** Settings that decide whether weights fit, and what the model's output means. */
const ARCHITECTURE = [
  ...['data', 'size', 'patch', 'width', 'depth', 'heads'],
  ...['dwidth', 'ddepth', 'dheads', 'cls', 'symmetric', 'norm'],
];

export const models = labModels(meta, ARCHITECTURE);
export const { startingModel } = models;

/** A shipped model with its weights. Throws ModelFileError when the file is not the one that its card describes. */
export async function loadShipped(id: string, read: ReadFile): Promise<ShippedMae> {
  const { card, bytes } = await loadModel(id, read);
  const facts = readMaeFacts(bytes);
  return { card, bytes, facts, config: models.configOf(card), snapshot: importMae(bytes, facts.shape) };
}
