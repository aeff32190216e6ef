/** The settings that an exported file was trained with, as a link. */
import { readModelFacts } from '../models/modelFacts';
import { decodeModel } from '../models/onnxProto';
import type { LabMeta } from '../train/lab';
import { readLink, writeLink } from '../train/link';
import { Recipe } from '../train/recipe';

/**
 * Opens a lab with the settings that a file's run ended with: what was changed on the way is part of its weights already. Undefined where
 * the file says nothing of the kind, or names a lab that is not known here.
 */
export function readModelLink(bytes: Uint8Array, labs: readonly LabMeta[]): string | undefined {
  try {
    const { lab, config, changes } = readLink(readModelFacts(decodeModel(bytes).metadata).link, labs);
    return lab && writeLink(lab, { config: new Recipe(config, changes).at(Infinity) });
  } catch {
    return undefined;
  }
}
