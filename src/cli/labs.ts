import type { ExperimentFactory } from '../train/experiment';
import type { LabMeta } from '../train/lab';

const METAS = import.meta.glob<LabMeta>('../labs/*/meta.ts', { import: 'meta', eager: true });
const EXPERIMENTS = import.meta.glob<ExperimentFactory>('../labs/*/experiment.ts', { import: 'experiment' });

export const labs: readonly LabMeta[] = Object.values(METAS);

export function loadExperiment(id: string): Promise<ExperimentFactory> {
  const load = EXPERIMENTS[`../labs/${id}/experiment.ts`];
  if (!load) throw new Error(`lab "${id}": it cannot be trained`);
  return load();
}
