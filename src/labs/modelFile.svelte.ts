import type { Remote } from 'comlink';
import type { LabMeta } from '../train/lab';
import { writeLink } from '../train/link';
import type { Run } from '../train/run.svelte';
import type { LabWorker } from './props';

/** What the shell opens with the settings of a file: the lab, then the file's weights in it. */
export interface ModelToOpen {
  readonly link: string;
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A model file that the reader chose or dropped: its weights go into the run where they fit; where not, its own settings are offered. */
export class ModelFile {
  name = $state('');
  status = $state<'none' | 'opening' | 'opened' | 'refused'>('none');
  /** Why it was refused. */
  reason = $state('');
  /** The way to open it with the settings that it was trained with, where those are known and others than the run's. */
  offer = $state.raw<ModelToOpen | undefined>();

  constructor(
    private readonly meta: LabMeta,
    private readonly worker: Pick<Remote<LabWorker>, 'importModel' | 'modelLink'>,
    private readonly run: Run,
  ) {}

  async open(file: Pick<File, 'name' | 'arrayBuffer'>): Promise<void> {
    const { name } = file;
    Object.assign(this, { name, status: 'opening', reason: '', offer: undefined });
    const bytes = new Uint8Array(await file.arrayBuffer());
    try {
      await this.worker.importModel(bytes, name);
      this.run.origin = name;
      this.status = 'opened';
    } catch (error) {
      this.reason = error instanceof Error ? error.message : String(error);
      const link = await this.worker.modelLink(bytes);
      const config = this.run.settings?.config ?? {};
      if (link !== undefined && link !== writeLink(this.meta, { config })) this.offer = { link, name, bytes };
      this.status = 'refused';
    }
  }
}
