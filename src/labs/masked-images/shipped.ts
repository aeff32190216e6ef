/** The models that ship with this lab: which one suits a config, and what it brings. */
import { loadModel, readModelCard, type ModelCard } from '../../models/card';
import { SHIPPED_MODELS } from '../../models/shippedModels';
import type { Config } from '../../train/control';
import type { Snapshot } from '../../train/experiment';
import { readLink } from '../../train/link';
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

/** Cards of this lab's models. Throws ModelFileError on a card that is not valid. */
export async function shippedCards(read: ReadFile): Promise<readonly ModelCard[]> {
  const cards = await Promise.all(SHIPPED_MODELS.map((id) => readModelCard(id, read)));
  return cards.filter((card) => card.lab === meta.id);
}

/** All settings that the model was trained with. */
export function configOf(card: ModelCard): Config {
  return readLink(card.link, [meta]).config;
}

/** Settings that decide whether weights fit, and what the model's output means. */
const ARCHITECTURE = [
  ...['data', 'size', 'patch', 'width', 'depth', 'heads'],
  ...['dwidth', 'ddepth', 'dheads', 'cls', 'symmetric', 'norm'],
];

/** The model whose weights fit a run of this config. */
export function shippedFor(cards: readonly ModelCard[], config: Config): ModelCard | undefined {
  return cards.find((card) => {
    const made = configOf(card);
    return ARCHITECTURE.every((id) => made[id] === config[id]);
  });
}

/** The weights that a run of this config starts from: a file, or undefined for fresh ones. Throws where no shipped model fits. */
export async function startingModel(config: Config, read: ReadFile): Promise<Uint8Array | undefined> {
  if (config['start'] !== 'shipped') return undefined;
  const card = shippedFor(await shippedCards(read), config);
  if (!card) {
    throw new Error(
      'start = shipped: no shipped model has this architecture; set start to scratch, or the model as it shipped',
    );
  }
  return (await loadModel(card.id, read)).bytes;
}

/** A shipped model with its weights. Throws ModelFileError when the file is not the one that its card describes. */
export async function loadShipped(id: string, read: ReadFile): Promise<ShippedMae> {
  const { card, bytes } = await loadModel(id, read);
  const facts = readMaeFacts(bytes);
  return { card, bytes, facts, config: configOf(card), snapshot: importMae(bytes, facts.shape) };
}
