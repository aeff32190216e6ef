/**
 * What the page and the headless runner say to a training session, and what it says back. The page reaches it through
 * comlink in a worker; the runner calls it directly. Everything here can be cloned to another thread.
 */
import type { Chart } from '../ui/chart';
import type { Config, Text } from './control';
import type { KeptCurve } from './curve';
import type { ConfigChange } from './recipe';
import type { Notice } from './link';

export interface Report {
  /** Steps done since the run began. */
  readonly step: number;
  readonly totalSteps: number;
  /** Scalars of the steps since the last report, one row a step, columns as `columns`. */
  readonly rows: Float32Array;
  readonly columns: readonly string[];
  readonly stepsPerSecond: number;
  readonly playing: boolean;
}

/** Held-out measurements, taken every N steps or on demand. */
export interface Evaluation {
  readonly step: number;
  readonly metrics: Readonly<Record<string, number>>;
}

export interface PlanSummary {
  readonly dispatches: number;
  /** Peak bytes of activations, and of parameters, optimiser moments and data that last. */
  readonly activationBytes: number;
  readonly stateBytes: number;
  readonly parameters: number;
  readonly flops: number;
}

/** What a link holds of a run. */
export interface LinkRecipe {
  readonly config: Config;
  readonly changes: readonly ConfigChange[];
}

/** What the run learns from. */
export interface DataSummary {
  readonly id: string;
  /** Shape of one sample: [C, S, S] for images. */
  readonly sample: readonly number[];
  readonly train: number;
  readonly test: number;
  /** Empty for data without labels. */
  readonly classes: readonly Text[];
}

/** A small tensor that the page wants to look at. */
export interface View {
  readonly shape: readonly number[];
  readonly data: Float32Array | Uint32Array | Uint8Array;
}

export type StopReason = 'finished' | 'not-finite' | 'device-lost' | 'out-of-memory';

export type SessionEvent =
  | { readonly kind: 'report'; readonly report: Report }
  | { readonly kind: 'evaluation'; readonly evaluation: Evaluation }
  | { readonly kind: 'plan'; readonly plan: PlanSummary }
  | { readonly kind: 'data'; readonly data: DataSummary }
  | {
      /** The device that a plan is built on, and the settings that it could not serve, with what is used instead. */
      readonly kind: 'device';
      readonly features: readonly string[];
      readonly notices: readonly Notice[];
      readonly replaced: Config;
    }
  | { readonly kind: 'progress'; readonly what: string; readonly done: number; readonly total: number }
  | { readonly kind: 'checkpoint'; readonly step: number }
  /** A run begins at step 0: what was drawn of another one is gone. `origin` names the model file that its weights are from, if any. */
  | { readonly kind: 'started'; readonly origin: string | undefined }
  /** A run goes on from a checkpoint; its curve so far. */
  | {
      readonly kind: 'resumed';
      readonly step: number;
      readonly columns: readonly string[];
      readonly curve: KeptCurve;
      readonly origin: string | undefined;
    }
  /** The settings now, and what the run's link holds. */
  | { readonly kind: 'settings'; readonly step: number; readonly config: Config; readonly recipe: LinkRecipe }
  | {
      readonly kind: 'stopped';
      readonly reason: StopReason;
      readonly step: number;
      readonly message: Text;
    }
  /** Something failed; `stopped`: and training with it. */
  | { readonly kind: 'error'; readonly message: Text; readonly stopped: boolean };

/** Why nothing was made: the model asks too much of the device. */
export interface Refusal {
  readonly text: Text;
  /** Whether it can be tried all the same. */
  readonly possible: boolean;
}

export interface KernelProfile {
  readonly kernel: string;
  readonly calls: number;
  readonly milliseconds: number;
  readonly gflops: number | undefined;
  readonly gigabytesPerSecond: number | undefined;
  /** Share of the device's measured matmul or copy ceiling, whichever is nearer; 0…1. */
  readonly ceilingShare: number | undefined;
}

export interface DeviceReport {
  readonly adapter: string;
  readonly deviceClass: string;
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
  readonly plan: PlanSummary | undefined;
  readonly allocatedBytes: number;
  readonly ceilings: { readonly matmulGflops: number; readonly copyGigabytesPerSecond: number } | undefined;
  /** Shapes whose kernel tuning chose. */
  readonly tunedShapes: number;
}

export type { TunedProduct } from '../engine/tune';

export interface SelfTestResult {
  readonly op: string;
  readonly name: string;
  readonly passed: boolean;
  readonly error: number;
  readonly tolerance: number;
  readonly message?: string;
}

/** How far a measurement has come: `done` of `total` in parts of equal time, as far as that can be told. */
export interface MeasureProgress {
  readonly done: number;
  readonly total: number;
  readonly what: Text;
  readonly chart: Chart;
  /** Figures of the result as far as they are known; undefined where there is nothing to see before the end. */
  readonly figures?: Readonly<Record<string, number>>;
}

export interface MeasureResult {
  readonly chart: Chart;
  readonly figures: Readonly<Record<string, number>>;
}

export type Verdict = 'holds' | 'fails' | 'undecided';

/** A verdict computed from runs, never told. */
export interface ClaimResult extends MeasureResult {
  readonly id: string;
  readonly verdict: Verdict;
  /** One sentence with the figures that decided. */
  readonly summary: Text;
  /** What was run: data, model, steps, seeds. */
  readonly setup: Text;
}
