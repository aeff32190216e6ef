import type { Remote } from 'comlink';
import type { Config, ControlValue } from '../train/control';
import type { LabMeta } from '../train/lab';
import type { ModelCard } from '../models/card';
import type { ExportedModel } from '../train/experiment';
import type { View } from '../train/protocol';
import type { Run } from '../train/run.svelte';
import type { ImageSet } from '../data/imageSet';

/** What a lab's page may ask of the worker. */
export interface LabWorker {
  play(): void;
  pause(): Promise<void>;
  advance(count: number): Promise<void>;
  reset(): Promise<void>;
  setSpeedLimit(limit: number): void;
  evaluate(): Promise<void>;
  view(name: string, request: unknown): Promise<Readonly<Record<string, View>>>;
  recover(): Promise<void>;
  setOwnImages(set: ImageSet): void;
  /** The run's model as an ONNX file. */
  exportModel(): Promise<ExportedModel>;
  /** Weights of an exported file into this run, from step 0. Rejects with what does not fit; then nothing has changed. */
  importModel(bytes: Uint8Array): Promise<void>;
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
  /** Moves a control: the link follows, the session hears of it. */
  readonly onchange: (id: string, value: ControlValue) => void;
}
