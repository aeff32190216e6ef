import type { Claim } from '../train/claim';
import type { Config } from '../train/control';
import type { ExperimentFactory, StartingModel } from '../train/experiment';
import type { LabMeta } from '../train/lab';

const METAS = import.meta.glob<LabMeta>('../labs/*/meta.ts', { import: 'meta', eager: true });
const EXPERIMENTS = import.meta.glob<ExperimentFactory<unknown>>('../labs/*/experiment.ts', { import: 'experiment' });
const CLAIMS = import.meta.glob<readonly Claim[]>('../labs/*/claims.ts', { import: 'claims' });

type ReadFile = (path: string) => Promise<ArrayBuffer>;
const STARTS = import.meta.glob<(config: Config, read: ReadFile) => Promise<StartingModel | undefined>>(
  '../labs/*/shipped.ts',
  { import: 'startingModel' },
);

/** The model file that a run of this config starts from; undefined for fresh weights. */
export async function loadStart(id: string, config: Config, read: ReadFile): Promise<StartingModel | undefined> {
  const start = await STARTS[`../labs/${id}/shipped.ts`]?.();
  return start?.(config, read);
}

export const labs: readonly LabMeta[] = Object.values(METAS);

export function loadExperiment(id: string): Promise<ExperimentFactory<unknown>> {
  const load = EXPERIMENTS[`../labs/${id}/experiment.ts`];
  if (!load) throw new Error(`lab "${id}": it cannot be trained`);
  return load();
}

export function loadClaims(id: string): Promise<readonly Claim[]> {
  const load = CLAIMS[`../labs/${id}/claims.ts`];
  if (!load) throw new Error(`lab "${id}": it has no claims to run`);
  return load();
}
