/** Words for the reader of the page, in the page's languages. */
export interface Said {
  readonly en: string;
  readonly zh: string;
}

/** An error that the reader of the page is to be told of, in the page's languages; `message` is the English. */
export class SaidError extends Error {
  constructor(
    readonly text: Said,
    options?: ErrorOptions,
  ) {
    super(text.en, options);
  }
}

/** What an error says, in each language where it has words for it; else its own message in both. */
export function textOf(error: unknown): Said {
  if (error instanceof SaidError) return error.text;
  const message = error instanceof Error ? error.message : String(error);
  return { en: message, zh: message };
}
