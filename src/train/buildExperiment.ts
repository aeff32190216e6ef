/** From a config to an experiment on the device: data, the question whether it is too much, plans, and the weights that it starts from. */
import { SaidError } from '../data/saidError';
import type { Runtime } from '../engine/runtime';
import type { Config } from './control';
import { atStep, checkDemand, TooDemandingError } from './demand';
import type { Experiment, Snapshot, StartingModel } from './experiment';
import { changedIds } from './recipe';
import type { SessionSetup } from './sessionSetup';

/** The device has no memory left; `detail` is what it said. */
export class OutOfMemoryError extends Error {
  constructor(readonly detail: string) {
    super(`out of GPU memory: ${detail}; use a smaller batch or width`);
    this.name = 'OutOfMemoryError';
  }
}

interface Asked {
  readonly setup: SessionSetup;
  readonly runtime: Runtime;
  readonly config: Config;
  /** Whether to throw TooDemandingError where the model is large or slow for this device. */
  readonly ask: boolean;
  /** What the run's link comes to later: asked about now, while somebody is there to answer. */
  readonly ahead: readonly { readonly step: number; readonly config: Config }[];
  /** All that may be refused was looked at: the experiment before this one can go. */
  readonly onFits: () => void;
}

/** Throws what data, factory and device say against the config; OutOfMemoryError where the device is full. */
export async function buildExperiment(asked: Asked): Promise<Experiment> {
  try {
    return await prepare(asked);
  } finally {
    asked.setup.emit({ kind: 'progress', what: 'compile', done: 1, total: 1 });
  }
}

async function prepare(asked: Asked): Promise<Experiment> {
  const { setup, runtime, config, ask, onFits } = asked;
  const { factory, emit } = setup;
  emit({ kind: 'progress', what: 'data', done: 0, total: 1 });
  const data = await factory.loadData(config, setup.source);
  const start = await setup.loadStart?.(config);
  if (ask) await askAbout(asked, data);
  emit({ kind: 'data', data: factory.describeData(data) });
  emit({ kind: 'progress', what: 'compile', done: 0, total: 1 });
  onFits();
  const experiment = await withinMemory(runtime.gpu.device, () => factory.create({ runtime, config, data }));
  experiment.setKnobs(config);
  if (start) experiment.restore(readModel(experiment, start.bytes, start.takes));
  return experiment;
}

/** Throws TooDemandingError where the plan of now, or one to come, is large or slow for this device. */
async function askAbout({ setup, runtime, config, ahead }: Asked, data: unknown): Promise<void> {
  const { factory, source, effectOf } = setup;
  await checkDemand(runtime, factory.estimate({ runtime, config, data }));
  for (const { step, config: later } of ahead) {
    try {
      const anew = changedIds(config, later).some((id) => effectOf(id) === 'restart');
      const given = anew ? await factory.loadData(later, source) : data;
      await checkDemand(runtime, factory.estimate({ runtime, config: later, data: given }));
    } catch (error) {
      // Settings that do not fit each other stop the run at their step, and are told there.
      if (error instanceof TooDemandingError) throw atStep(step, error);
    }
  }
}

/** A run at step 0 with a file's weights, or with those that `takes` names. Throws with what does not fit. */
export function readModel(experiment: Experiment, bytes: Uint8Array, takes?: StartingModel['takes']): Snapshot {
  const snapshot = experiment.importModel?.(bytes, takes);
  if (!snapshot) throw new SaidError({ en: 'This lab opens no model files.', zh: '此实验室不打开模型文件。' });
  return snapshot;
}

/** A device without memory fails in many ways: that it is full comes first. */
async function withinMemory(device: GPUDevice, create: () => Promise<Experiment>): Promise<Experiment> {
  device.pushErrorScope('out-of-memory');
  const [made] = await Promise.allSettled([create()]);
  const full = await device.popErrorScope();
  if (full) {
    if (made.status === 'fulfilled') made.value.dispose();
    throw new OutOfMemoryError(full.message);
  }
  if (made.status === 'rejected') throw made.reason;
  return made.value;
}
