/** The worker that trains: one session, reached through comlink. */
import * as Comlink from 'comlink';
import { loadImageSet } from '../data/load';
import { resizeImageSet, type ImageSet } from '../data/imageSet';
import { openGpu } from '../gpu/device';
import { Runtime } from '../engine/runtime';
import { BrowserCheckpoints } from '../train/checkpoints';
import type { Config } from '../train/control';
import { describeDevice, measureCeilings, profileStep } from '../train/diagnostics';
import { loadModel, type ModelCard } from '../models/card';
import type { ExperimentFactory, ExportedModel } from '../train/experiment';
import type { LabMeta } from '../train/lab';
import type { DeviceReport, KernelProfile, SelfTestResult, SessionEvent, View } from '../train/protocol';
import { selfTest } from '../train/selfTest';
import { Session, type ConfigChange, type OpenRequest } from '../train/session';

const EXPERIMENTS = import.meta.glob<ExperimentFactory>('../labs/*/experiment.ts', { import: 'experiment' });
const METAS = import.meta.glob<LabMeta>('../labs/*/meta.ts', { import: 'meta', eager: true });

/** The page's own files, relative to the page whatever the host's path. */
function reader(base: string) {
  return async (path: string): Promise<ArrayBuffer> => {
    const answer = await fetch(new URL(path, base));
    if (!answer.ok) throw new Error(`${path}: the server answered ${answer.status}; reload the page`);
    return answer.arrayBuffer();
  };
}

class Host {
  private session: Session | undefined;
  private own: ImageSet | undefined;
  private bare: Runtime | undefined;
  private base = '';

  /** Opens a lab's experiment; replaces the one before. Throws what device, data and model say. */
  async open(labId: string, request: OpenRequest, base: string, emit: (event: SessionEvent) => void): Promise<void> {
    this.base = base;
    await this.session?.close();
    const load = EXPERIMENTS[`../labs/${labId}/experiment.ts`];
    const meta = METAS[`../labs/${labId}/meta.ts`];
    if (!load || !meta) throw new Error(`lab "${labId}": there is no experiment of this name`);
    const factory = await load();
    this.session = new Session({
      openGpu: () => openGpu(navigator.gpu),
      factory,
      effectOf: (id) => meta.controls.find((c) => c.id === id)?.effect ?? 'restart',
      loadData: (config) => this.data(config, base),
      emit,
      checkpoints: new BrowserCheckpoints((message) => emit({ kind: 'error', message })),
    });
    await this.session.open(request);
  }

  private async data(config: Config, base: string): Promise<ImageSet> {
    const id = String(config['data']);
    const size = Number(config['size'] ?? 0);
    if (id === 'own') {
      if (!this.own) throw new Error('There are no images of your own yet: drop at least 16 files onto the page.');
      return size ? resizeImageSet(this.own, size) : this.own;
    }
    const set = await loadImageSet(id, reader(base));
    return size ? resizeImageSet(set, size) : set;
  }

  setOwnImages(set: ImageSet): void {
    this.own = set;
  }

  private current(): Session {
    if (!this.session) throw new Error('Nothing is open yet.');
    return this.session;
  }

  play(): void {
    this.current().play();
  }
  pause(): Promise<void> {
    return this.current().pause();
  }
  advance(count: number): Promise<void> {
    return this.current().advance(count);
  }
  reset(): Promise<void> {
    return this.current().reset();
  }
  configure(config: Config): Promise<void> {
    return this.current().configure(config);
  }
  setSpeedLimit(limit: number): void {
    this.current().setSpeedLimit(limit);
  }
  changes(): readonly ConfigChange[] {
    return this.session?.recordedChanges ?? [];
  }
  async evaluate(): Promise<void> {
    await this.current().evaluate();
  }
  view(name: string, request: unknown): Promise<Readonly<Record<string, View>>> {
    return this.current().view(name, request);
  }
  recover(): Promise<void> {
    return this.current().recover();
  }
  /** The run's model as an ONNX file. */
  exportModel(): Promise<ExportedModel> {
    return this.current().exportModel();
  }
  /** Weights of an exported file into this run, which starts again at step 0. Throws with what does not fit; then nothing has changed. */
  importModel(bytes: Uint8Array): Promise<void> {
    return this.current().importModel(bytes);
  }
  /** The weights of a shipped model into this run, checked against its card, which comes back. The config must be the model's. */
  async showModel(id: string): Promise<ModelCard> {
    const { card, bytes } = await loadModel(id, reader(this.base));
    await this.current().importModel(bytes);
    return card;
  }
  device(): Promise<DeviceReport> {
    return this.current().withRuntime((runtime, experiment) => Promise.resolve(describeDevice(runtime, experiment)));
  }
  async ceilings(): Promise<DeviceReport> {
    return this.current().withRuntime(async (runtime, experiment) => {
      await measureCeilings(runtime);
      return describeDevice(runtime, experiment);
    });
  }
  profile(): Promise<KernelProfile[]> {
    return this.current().withRuntime((runtime, experiment) => {
      if (!experiment) throw new Error('Nothing is open yet.');
      return profileStep(runtime, experiment);
    });
  }
  /** A device without a session, for the self-test; gives the adapter's name. */
  async openDevice(): Promise<string> {
    this.bare ??= new Runtime(await openGpu(navigator.gpu));
    return this.bare.gpu.adapterKey;
  }

  /** Every golden case on this device. */
  async selfTest(onResult: (result: SelfTestResult, done: number, total: number) => void): Promise<SelfTestResult[]> {
    await this.openDevice();
    if (!this.bare) throw new Error('self-test: no device');
    return selfTest(this.bare, onResult);
  }

  /** Frees the device; a checkpoint is kept. */
  async close(): Promise<void> {
    await this.session?.close();
    this.session = undefined;
  }
}

export type { Host };
Comlink.expose(new Host());
