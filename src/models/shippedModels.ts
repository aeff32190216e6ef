/** Which models ship with the page: the folders of public/models that have a card, found when the page is built. */
const CARDS = import.meta.glob<string>('/public/models/*/card.json', { query: '?url', import: 'default', eager: true });

/** Their ids, in order. */
export const SHIPPED_MODELS: readonly string[] = Object.keys(CARDS)
  .map((path) => path.split('/').at(-2) ?? '')
  .sort();
