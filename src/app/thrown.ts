/**
 * Errors that cross between the page and its workers keep their words in each language: of a thrown error Comlink alone sends name, message
 * and stack. Imported for its effect, on both sides.
 */
import { transferHandlers, type TransferHandler } from 'comlink';
import { SaidError, textOf, type Said } from '../data/saidError';

interface Sent {
  readonly isError: boolean;
  readonly value: unknown;
  readonly said?: Said;
}

const plain = transferHandlers.get('throw') as TransferHandler<{ readonly value: unknown }, Sent> | undefined;
if (!plain) throw new Error('comlink: it has no handler "throw"; this page is made for comlink 4');

/** As Comlink's own, with what a SaidError says. */
const thrown: TransferHandler<{ readonly value: unknown }, Sent> = {
  canHandle: (value): value is { readonly value: unknown } => plain.canHandle(value),
  serialize(caught) {
    const [sent, transferred] = plain.serialize(caught);
    return [caught.value instanceof SaidError ? { ...sent, said: textOf(caught.value) } : sent, transferred];
  },
  deserialize(sent) {
    if (sent.said) throw new SaidError(sent.said);
    return plain.deserialize(sent);
  },
};
transferHandlers.set('throw', thrown);
