import type { Remote } from 'comlink';
import type { Config, ControlValue } from '../train/control';
import type { LabMeta } from '../train/lab';
import type { ClaimResult, MeasureProgress, MeasureResult, View } from '../train/protocol';
import type { Run } from '../train/run.svelte';
import type { ImageSet } from '../data/imageSet';

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
  setOwnImages(set: ImageSet): void;
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
