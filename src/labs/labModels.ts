/** The models that ship with a lab: which one suits a config, and what it brings. */
import { loadModel, readModelCard, type ModelCard } from '../models/card';
import { SHIPPED_MODELS } from '../models/shippedModels';
import { choiceControl, type ChoiceControl, type Config, type Control } from '../train/control';
import type { StartingModel } from '../train/experiment';
import type { LabMeta } from '../train/lab';
import { readLink } from '../train/link';

/** Reads one of the page's own files by its path below the page. */
type ReadFile = (path: string) => Promise<ArrayBuffer>;

/** Offers the shipped model as a run's beginning; for labs that have one. `parts`: what of it can be taken alone. */
export function startChoice(parts: ChoiceControl['options'] = []): Control {
  return choiceControl({
    id: 'start',
    label: { en: 'Start from', zh: '起点' },
    help: {
      en: 'Fresh weights, or those of the model that ships with the page, where one fits these settings.',
      zh: '全新权重，或随页面提供的模型（若与设置相符）。',
    },
    effect: 'restart',
    group: 'training',
    options: [
      { value: 'scratch', label: { en: 'scratch', zh: '从零' } },
      ...parts,
      { value: 'shipped', label: { en: 'shipped model', zh: '自带模型' } },
    ],
    default: 'scratch',
  });
}

export const startControl: Control = startChoice();

export interface LabModels {
  /** Cards of this lab's models. Throws ModelFileError on a card that is not valid. */
  cards(read: ReadFile): Promise<readonly ModelCard[]>;
  /** All settings that a model was trained with. */
  configOf(card: ModelCard): Config;
  /** The model whose weights fit a run of this config. */
  fitting(cards: readonly ModelCard[], config: Config): ModelCard | undefined;
  /** The weights that a run of this config starts from: a file, or undefined for fresh ones. Throws where no shipped model fits. */
  startingModel(config: Config, read: ReadFile): Promise<StartingModel | undefined>;
}

/** `architecture` names the settings that decide whether weights fit, and what the model's output means. */
export function labModels(meta: LabMeta, architecture: readonly string[]): LabModels {
  const models: LabModels = {
    async cards(read) {
      const all = await Promise.all(SHIPPED_MODELS.map((id) => readModelCard(id, read)));
      return all.filter((card) => card.lab === meta.id);
    },
    configOf: (card) => readLink(card.link, [meta]).config,
    fitting(cards, config) {
      return cards.find((card) => {
        const made = models.configOf(card);
        return architecture.every((id) => made[id] === config[id]);
      });
    },
    async startingModel(config, read) {
      if (config['start'] !== 'shipped') return undefined;
      const card = models.fitting(await models.cards(read), config);
      if (!card) {
        throw new Error(
          'start = shipped: no shipped model has this architecture; set start to scratch, or the model as it shipped',
        );
      }
      return { bytes: (await loadModel(card.id, read)).bytes };
    },
  };
  return models;
}
