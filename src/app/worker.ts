/** The worker that trains: one session, reached through comlink. */
import { SaidError } from '../data/saidError';
import * as Comlink from 'comlink';
import type { ImageSet } from '../data/imageSet';
import { openGpu, type Gpu } from '../gpu/device';
import { Runtime } from '../engine/runtime';
import { tune, variantsOf, type TunedProduct } from '../engine/tune';
import { BrowserCheckpoints } from '../train/checkpoints';
import { keptAnnotatedPictures } from '../data/annotatedPictures';
import { annotatedFingerprint, imageFingerprint } from '../data/fingerprint';
import { keptOwnImages } from '../data/ownImageStore';
import { runClaim, type Claim } from '../train/claim';
import type { Config } from '../train/control';
import type { DataSource } from '../train/dataSource';
import { ImpossibleError, TooDemandingError } from '../train/demand';
import { describeDevice, measureCeilings, profileStep } from '../train/diagnostics';
import { readModelLink } from '../labs/modelLink';
import { loadModel, type ModelCard } from '../models/card';
import type { ExperimentFactory, ExportedModel, StartingModel } from '../train/experiment';
import { fitToDevice } from '../train/fitToDevice';
import type { LabMeta } from '../train/lab';
import { LongTask } from '../train/longTask';
import type {
  ClaimResult,
  DeviceReport,
  KernelProfile,
  MeasureProgress,
  MeasureResult,
  Refusal,
  SelfTestResult,
  SessionEvent,
  View,
} from '../train/protocol';
import { selfTest } from '../train/selfTest';
import { writeLink } from '../train/link';
import './thrown';
import { Session } from '../train/session';
import type { OpenRequest } from '../train/sessionSetup';
import { TuningStore } from '../train/tuningStore';

const EXPERIMENTS = import.meta.glob<ExperimentFactory<unknown>>('../labs/*/experiment.ts', { import: 'experiment' });
const CLAIMS = import.meta.glob<readonly Claim[]>('../labs/*/claims.ts', { import: 'claims' });
const STARTS = import.meta.glob<
  (config: Config, read: ReturnType<typeof reader>) => Promise<StartingModel | undefined>
>('../labs/*/shipped.ts', { import: 'startingModel' });
const METAS = import.meta.glob<LabMeta>('../labs/*/meta.ts', { import: 'meta', eager: true });

/** The page's own files, relative to the page whatever the host's path. */
function reader(base: string) {
  return async (path: string): Promise<ArrayBuffer> => {
    const answer = await fetch(new URL(path, base));
    if (!answer.ok)
      throw new SaidError({
        en: `${path}: the server answered ${answer.status}; reload the page`,
        zh: `${path}：服务器返回 ${answer.status}；请重新加载页面`,
      });
    return answer.arrayBuffer();
  };
}

const tuning = new TuningStore();

/** The device, with what tuning found for its adapter. */
async function openTuned(): Promise<Gpu> {
  const gpu = await openGpu(navigator.gpu);
  const variants = await tuning.load(gpu.adapterKey);
  return variants ? { ...gpu, traits: { ...gpu.traits, variants } } : gpu;
}

class Host {
  private session: Session | undefined;
  private own: ImageSet | undefined;
  private bare: Runtime | undefined;
  /** Shipped models that were looked at. */
  private readonly shipped = new Map<string, ReturnType<typeof loadModel>>();
  private opened: { readonly labId: string; readonly source: DataSource } | undefined;
  /** Claims and measurements on demand: beside the session, one at a time. */
  private readonly measuring = new LongTask();

  /**
   * Opens a lab's experiment; replaces the one before. Gives why not where it was to ask and the model is too much for the device; throws what
   * device, data and model say.
   */
  async open(
    labId: string,
    request: OpenRequest,
    base: string,
    emit: (event: SessionEvent) => void,
  ): Promise<Refusal | undefined> {
    await this.measuring.stop();
    await this.session?.close();
    const load = EXPERIMENTS[`../labs/${labId}/experiment.ts`];
    const meta = METAS[`../labs/${labId}/meta.ts`];
    if (!load || !meta) throw new Error(`lab "${labId}": there is no experiment of this name`);
    const factory = await load();
    const source: DataSource = {
      read: reader(base),
      ownImages: () => this.ownImages(),
      annotated: keptAnnotatedPictures,
    };
    this.opened = { labId, source };
    this.session = new Session({
      openGpu: openTuned,
      factory,
      effectOf: (id) => meta.controls.find((c) => c.id === id)?.effect ?? 'restart',
      fit: (runtime, config) => fitToDevice(meta.controls, runtime, config),
      source,
      loadStart: async (config) => (await STARTS[`../labs/${labId}/shipped.ts`]?.())?.(config, source.read),
      emit,
      checkpoints: new BrowserCheckpoints(
        async (recipe) => {
          const own = recipe.config['data'] === 'own' ? ` ${await this.ownFingerprint(meta)}` : '';
          // How a run is looked at makes it no other run.
          const looks = meta.controls.filter((c) => c.effect === 'look').map((c) => [c.id, c.default] as const);
          return writeLink(meta, { ...recipe, config: { ...recipe.config, ...Object.fromEntries(looks) } }) + own;
        },
        (message) => emit({ kind: 'error', message, stopped: false }),
      ),
    });
    return unlessRefused(this.session.open(request));
  }

  setOwnImages(set: ImageSet): void {
    this.own = set;
  }

  private async ownImages(): Promise<ImageSet | undefined> {
    this.own ??= await keptOwnImages();
    return this.own;
  }

  private async ownFingerprint({ ownPictures }: LabMeta): Promise<string> {
    return ownPictures === 'annotated'
      ? annotatedFingerprint(await keptAnnotatedPictures())
      : imageFingerprint(await this.ownImages());
  }

  async hasOwnImages(): Promise<boolean> {
    return (await this.ownImages()) !== undefined;
  }

  private openedLab(): { readonly labId: string; readonly source: DataSource } {
    if (!this.opened) throw new Error('Nothing is open yet.');
    return this.opened;
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
  /** Keeps the run as it stands, where one is open. */
  async keep(): Promise<void> {
    await this.session?.keep();
  }
  advance(count: number): Promise<void> {
    return this.current().advance(count);
  }
  reset(): Promise<void> {
    return this.current().reset();
  }
  /** Gives why nothing has changed, where it was to ask and the model is too much for the device. */
  configure(config: Config, ask: boolean): Promise<Refusal | undefined> {
    return unlessRefused(this.current().configure(config, ask));
  }
  setSpeedLimit(limit: number): void {
    this.current().setSpeedLimit(limit);
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
  importModel(bytes: Uint8Array, name: string): Promise<void> {
    return this.current().importModel(bytes, name);
  }
  /** The link that opens the lab with the settings at the end of a file's run; undefined where the file holds none that is known here. */
  modelLink(bytes: Uint8Array): string | undefined {
    return readModelLink(bytes, Object.values(METAS));
  }
  /** The weights of a shipped model into this run, checked against its card, which comes back. The config must be the model's. */
  async showModel(id: string): Promise<ModelCard> {
    const known = this.shipped.get(id) ?? loadModel(id, this.openedLab().source.read);
    this.shipped.set(id, known);
    known.catch(() => this.shipped.delete(id));
    const { card, bytes } = await known;
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
  /**
   * Times every variant for the products of the open plan, keeps what is faster for this adapter, and rebuilds the plan with it, weights
   * kept. The run is paused. Gives undefined when it was stopped: then nothing has changed.
   */
  tune(
    onProgress: (found: TunedProduct | undefined, done: number, total: number) => void,
  ): Promise<readonly TunedProduct[] | undefined> {
    return this.measuring.run(async (signal) => {
      const session = this.current();
      await session.pause();
      const { found, adapterKey } = await session.withRuntime(async (runtime, experiment) => ({
        found: await tune(runtime, experiment?.plan.dispatches ?? [], onProgress, signal),
        adapterKey: runtime.gpu.adapterKey,
      }));
      const measured = new Set(found.map(({ key }) => key));
      const earlier = Object.entries((await tuning.load(adapterKey)) ?? {}).filter(([key]) => !measured.has(key));
      const variants = { ...Object.fromEntries(earlier), ...variantsOf(found) };
      if (Object.keys(variants).length > 0) await tuning.save(adapterKey, variants);
      else await tuning.forget(adapterKey);
      await session.retune(variants);
      return found;
    });
  }

  /** Back to the built-in table, for good. */
  async forgetTuning(): Promise<void> {
    const session = this.current();
    await session.withRuntime((runtime) => tuning.forget(runtime.gpu.adapterKey));
    await session.retune(undefined);
  }

  /** Runs a claim of the open lab on models of its own; the session's run is paused. Gives undefined when it was stopped. */
  runClaim(
    id: string,
    onProgress: (progress: MeasureProgress) => void,
    steps?: number,
  ): Promise<ClaimResult | undefined> {
    return this.measuring.run(async (signal) => {
      const { labId, source } = this.openedLab();
      const load = CLAIMS[`../labs/${labId}/claims.ts`];
      if (!load) throw new Error(`lab "${labId}": it has no claims to run`);
      const [claims, runtime] = [await load(), await this.current().aside()];
      const request = { runtime, source };
      return runClaim(claims, id, steps === undefined ? request : { ...request, steps }, onProgress, signal);
    });
  }
  stopClaim(): Promise<void> {
    return this.measuring.stop();
  }

  /** A measurement on demand of the run as it stands, which is paused. Gives undefined when it was stopped. */
  measure(
    name: string,
    request: unknown,
    onProgress: (progress: MeasureProgress) => void,
  ): Promise<MeasureResult | undefined> {
    return this.measuring.run((signal) => this.current().measure(name, request, onProgress, signal));
  }
  stopMeasure(): Promise<void> {
    return this.measuring.stop();
  }

  /** A device without a session, for the self-test; gives the adapter's name. */
  async openDevice(): Promise<string> {
    this.bare ??= new Runtime(await openGpu(navigator.gpu));
    return this.bare.gpu.adapterKey;
  }

  /** Every golden case on this device: between steps of the session, or on a device of its own where nothing is open. */
  async selfTest(onResult: (result: SelfTestResult, done: number, total: number) => void): Promise<SelfTestResult[]> {
    if (this.session) return this.session.withRuntime((runtime) => selfTest(runtime, onResult));
    await this.openDevice();
    if (!this.bare) throw new Error('self-test: no device');
    return selfTest(this.bare, onResult);
  }

  /** Frees the device; a checkpoint is kept. */
  async close(): Promise<void> {
    await this.measuring.stop();
    await this.session?.close();
    this.session = undefined;
  }
}

/** Sends a refusal as a value: thrown errors lose all but their English message on the way to the page. */
async function unlessRefused(work: Promise<void>): Promise<Refusal | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (!(error instanceof TooDemandingError)) throw error;
    return { text: error.text, possible: !(error instanceof ImpossibleError) };
  }
}

export type { Host };
Comlink.expose(new Host());
