import type { Remote } from 'comlink';
import type { Config, ControlValue, Text } from '../train/control';
import type { LabMeta } from '../train/lab';
import type { ModelFile, ModelToOpen } from './modelFile.svelte';
import type { ModelCard } from '../models/card';
import type { ExportedModel } from '../train/experiment';
import type {
  ClaimResult,
  DeviceReport,
  KernelProfile,
  MeasureProgress,
  MeasureResult,
  SelfTestResult,
  TunedProduct,
  View,
} from '../train/protocol';
import type { Run } from '../train/run.svelte';

/** What trains beside the run, one at a time; each gives undefined when it was stopped. */
export interface MeasuringWorker {
  runClaim(
    id: string,
    onProgress: (progress: MeasureProgress) => void,
    steps?: number,
  ): Promise<ClaimResult | undefined>;
  stopClaim(): Promise<void>;
  measure(
    name: string,
    request: unknown,
    onProgress: (progress: MeasureProgress) => void,
  ): Promise<MeasureResult | undefined>;
  stopMeasure(): Promise<void>;
  tune(
    onProgress: (found: TunedProduct | undefined, done: number, total: number) => void,
  ): Promise<readonly TunedProduct[] | undefined>;
  forgetTuning(): Promise<void>;
}

/** What a lab's page may ask of the worker. */
export interface LabWorker extends MeasuringWorker {
  play(): void;
  pause(): Promise<void>;
  advance(count: number): Promise<void>;
  reset(): Promise<void>;
  setSpeedLimit(limit: number): void;
  evaluate(): Promise<void>;
  view(name: string, request: unknown): Promise<Readonly<Record<string, View>>>;
  recover(): Promise<void>;
  device(): Promise<DeviceReport>;
  /** As `device`, after measuring what the device can do at best. */
  ceilings(): Promise<DeviceReport>;
  profile(): Promise<KernelProfile[]>;
  selfTest(onResult: (result: SelfTestResult, done: number, total: number) => void): Promise<SelfTestResult[]>;
  /** The run's model as an ONNX file. */
  exportModel(): Promise<ExportedModel>;
  /** Weights of an exported file into this run, from step 0. Rejects with what does not fit; then nothing has changed. */
  importModel(bytes: Uint8Array, name: string): Promise<void>;
  /** The link of the settings that a file was trained with, where the file holds one. */
  modelLink(bytes: Uint8Array): Promise<string | undefined>;
  /** Weights of a shipped model into this run, from step 0; its card. Rejects where the run's settings are not the model's. */
  showModel(id: string): Promise<ModelCard>;
}

/** What the shell gives a lab's page. */
export interface LabProps {
  readonly meta: LabMeta;
  readonly config: Config;
  readonly run: Run;
  readonly worker: Remote<LabWorker>;
  readonly locked: readonly string[];
  readonly embed: boolean;
  /** The link asks to begin at once. */
  readonly autoplay: boolean;
  /** What the link wants to be seen first: one of the lab's views or panels. */
  readonly view: string | undefined;
  /** What had to be changed for the last move of a control to be possible. */
  readonly adjusted: { readonly id: string; readonly messages: readonly Text[] } | undefined;
  /** Moves a control: the link follows, the session hears of it. */
  readonly onchange: (id: string, value: ControlValue) => void;
  /** The model file that the reader opened last. */
  readonly modelFile: ModelFile;
  /** Opens a lab with the settings of a file, and the file in it. */
  readonly onmodel: (model: ModelToOpen) => void;
  /** The reader wants to choose pictures of their own. */
  readonly onown: () => void;
}

/** What a lab's page without WebGPU is given: what of a link can be followed by looking. */
export interface WithoutGpuProps {
  readonly config: Config;
  readonly locked: readonly string[];
}
