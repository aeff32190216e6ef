import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openGpu } from '../gpu/device';
import { fitToDevice } from '../train/fitToDevice';
import type { LabMeta } from '../train/lab';
import type { DataSource } from '../train/dataSource';
import type { SessionEvent } from '../train/protocol';
import { Session } from '../train/session';
import { NO_DRIVER, nodeGpu } from './driver';
import { loadExperiment, loadStart } from './labs';

/** One of the page's own files. */
export async function readPublic(path: string): Promise<ArrayBuffer> {
  const bytes = await readFile(join('public', path));
  return Uint8Array.from(bytes).buffer;
}

/** Data from the disk; a runner has no pictures of its own. */
export const diskSource: DataSource = { read: readPublic, ownImages: () => Promise.resolve(undefined) };

/** Steps between two lines of the runner. */
const REPORT_EVERY = 10;

/** A session of a lab in Node, on the data sets that ship with the page. Opening it throws where there is no adapter. */
export async function labSession(lab: LabMeta, emit: (event: SessionEvent) => void): Promise<Session> {
  return new Session({
    openGpu: async () =>
      openGpu(await nodeGpu()).catch((error: unknown) => {
        throw new Error(`${NO_DRIVER} (${String(error)})`);
      }),
    factory: await loadExperiment(lab.id),
    effectOf: (id) => lab.controls.find((c) => c.id === id)?.effect ?? 'restart',
    fit: (runtime, config) => fitToDevice(lab.controls, runtime, config),
    source: diskSource,
    loadStart: (config) => loadStart(lab.id, config, readPublic),
    emit,
    reportEvery: REPORT_EVERY,
  });
}
