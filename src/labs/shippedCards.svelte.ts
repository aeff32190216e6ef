import type { ModelCard } from '../models/card';
import type { Config } from '../train/control';
import type { LabModels } from './labModels';

/** One of the page's own files. */
const read = async (path: string) => (await fetch(new URL(path, document.baseURI))).arrayBuffer();

/** The cards of a lab's shipped models, once they are here. */
export class ShippedCards {
  private cards = $state.raw<readonly ModelCard[] | undefined>();

  constructor(private readonly models: LabModels) {
    models.cards(read).then(
      (found) => (this.cards = found),
      // Nothing shipped can be shown; training does not need it.
      () => (this.cards = []),
    );
  }

  /** The model whose weights fit a config; 'unknown' until that can be said. */
  fitting(config: Config): ModelCard | 'unknown' | undefined {
    return this.cards ? this.models.fitting(this.cards, config) : 'unknown';
  }
}
