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
  ...['dwidth', 'ddepth', 'dheads', 'cls', 'symmetric'],
];

/** The model whose weights fit a run of this config; whoever shows it takes over its `norm` too (`configOf`). */
export function shippedFor(cards: readonly ModelCard[], config: Config): ModelCard | undefined {
  return cards.find((card) => {
    const made = configOf(card);
    return ARCHITECTURE.every((id) => made[id] === config[id]);
  });
}

/** A shipped model with its weights. Throws ModelFileError when the file is not the one that its card describes. */
export async function loadShipped(id: string, read: ReadFile): Promise<ShippedMae> {
  const { card, bytes } = await loadModel(id, read);
  const facts = readMaeFacts(bytes);
  return { card, bytes, facts, config: configOf(card), snapshot: importMae(bytes, facts.shape) };
}
