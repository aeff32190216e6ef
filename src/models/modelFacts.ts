/** What every exported file says of itself, in its properties. */
import { ModelFileError } from './protobuf';

export interface ModelFacts {
  /** The hash of the page's address that trains this model, from '#/'. */
  readonly link: string;
  /** Id of the data set. */
  readonly data: string;
  /** Training steps done. */
  readonly steps: number;
}

const PREFIX = 'glimpse.';

/** The facts as properties of a file. */
export function factProperties({ link, data, steps }: ModelFacts): Record<string, string> {
  return { [`${PREFIX}link`]: link, [`${PREFIX}data`]: data, [`${PREFIX}steps`]: String(steps) };
}

/** Throws ModelFileError naming the property that is missing or wrong. */
export function readModelFacts(metadata: ReadonlyMap<string, string>): ModelFacts {
  const [link, data, steps] = ['link', 'data', 'steps'].map((key) => readProperty(metadata, `${PREFIX}${key}`));
  if (!/^\d+$/.test(steps ?? '')) {
    throw new ModelFileError(
      `model file: property "${PREFIX}steps" is "${steps}", not a whole number; export the model again`,
    );
  }
  return { link: link ?? '', data: data ?? '', steps: Number(steps) };
}

/** Throws ModelFileError when the file has no such property. */
export function readProperty(metadata: ReadonlyMap<string, string>, key: string): string {
  const value = metadata.get(key);
  if (value !== undefined) return value;
  throw new ModelFileError(`model file: it has no property "${key}"; choose a model exported by Glimpse`);
}
