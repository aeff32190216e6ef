/** What a lab gives the trainer: state, a step plan, knobs, metrics by name, and views. */
import type { Estimate } from '../engine/estimate';
import type { Plan } from '../engine/plan';
import type { Runtime } from '../engine/runtime';
import type { Shape } from '../engine/tensor';
import type { ImageSet } from '../data/imageSet';
import type { Config } from './control';
import type { DataSource } from './dataSource';
import type { HostFeed } from './hostFeed';
import type { LinkChange } from './link';
import type { DataSummary, MeasureProgress, MeasureResult, View } from './protocol';

/** A tensor by name on the host. */
export interface NamedArray {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/**
 * Everything that a run needs to go on: by parameter name, so that it fits a rebuilt plan, another mask ratio, or (where shapes agree)
 * another architecture.
 */
export interface Snapshot {
  /** Updates done. */
  readonly step: number;
  readonly parameters: ReadonlyMap<string, NamedArray>;
  readonly firstMoment: ReadonlyMap<string, NamedArray>;
  readonly secondMoment: ReadonlyMap<string, NamedArray>;
  /** Exponential moving average of the parameters, where one is kept. */
  readonly average?: ReadonlyMap<string, NamedArray>;
}

/** What of a run goes into the file of its model. */
export interface RunFacts {
  /** As the run began; with `changes` it is the run's link. */
  readonly config: Config;
  readonly changes: readonly LinkChange[];
}

/** A model as a file of its own. */
export interface ExportedModel {
  /** File name. */
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Weights that a run starts from: a file, and which of its parameters are taken where not all are. */
export interface StartingModel {
  readonly bytes: Uint8Array;
  readonly takes?: (parameter: string) => boolean;
}

export interface Experiment {
  /** One training step: one compute pass. */
  readonly plan: Plan;
  /** What the host must write before steps run, where the device does not have all of it. */
  readonly feed?: HostFeed;
  /** Names of the scalars that each step records; the first is the loss. */
  readonly columns: readonly string[];
  readonly parameterCount: number;

  /** Rows that steps [from, to) recorded: (to − from) × columns. At most `historyCapacity` back. */
  readHistory(from: number, to: number): Promise<Float32Array>;
  readonly historyCapacity: number;

  /** Controls of effect 'knob': acts on the next step, changes no plan. */
  setKnobs(config: Config): void;

  snapshot(): Promise<Snapshot>;
  /** Takes what fits by name and shape; what does not keeps its starting value. Gives the names left out. */
  restore(snapshot: Snapshot): readonly string[];

  /** The model as an ONNX file; the moving average of the weights where one is kept. */
  exportModel?(run: RunFacts): Promise<ExportedModel>;
  /**
   * A run at step 0 with the weights of an exported file, or with those of its parameters that `takes` names. Throws with what does not fit
   * this experiment.
   */
  importModel?(bytes: Uint8Array, takes?: StartingModel['takes']): Snapshot;

  /** Held-out measurements; `onProgress` counts parts. */
  evaluate(onProgress?: (done: number, total: number) => void): Promise<Readonly<Record<string, number>>>;
  /** A named view of what the model does now. Throws on an unknown name. */
  view(name: string, request: unknown): Promise<Readonly<Record<string, View>>>;
  dispose(): void;
}

export interface ExperimentContext<Data = ImageSet> {
  readonly runtime: Runtime;
  readonly config: Config;
  readonly data: Data;
}

/** What a measurement on demand is given: the run's settings, data and weights as they are now. */
export interface MeasureContext<Data = ImageSet> extends ExperimentContext<Data> {
  readonly snapshot: Snapshot;
}

/**
 * A measurement that takes long and trains models of its own, such as fine-tuning. Says how far it is, with what is known so far.
 * Throws the signal's reason when it is stopped, and names what is wrong with the request or the data.
 */
export interface Measure<Data = ImageSet> {
  run(
    context: MeasureContext<Data>,
    request: unknown,
    onProgress: (progress: MeasureProgress) => void,
    signal: AbortSignal,
  ): Promise<MeasureResult>;
}

/** How a lab is trained, on data of its own kind: `src/labs/<lab>/experiment.ts` exports one. */
export interface ExperimentFactory<Data = ImageSet> {
  /** What a config learns from. Throws with the setting and the fix where it cannot be had. */
  loadData(config: Config, source: DataSource): Promise<Data>;
  describeData(data: Data): DataSummary;
  /** Builds graphs and compiles plans. Throws with the setting and the fix where the config does not fit the device. */
  create(context: ExperimentContext<Data>): Promise<Experiment>;
  /** What a step of this config would ask of the device; makes nothing there. Throws where the config does not fit itself. */
  estimate(context: ExperimentContext<Data>): Estimate;
  /** Measurements on demand, by name. */
  readonly measures?: Readonly<Record<string, Measure<Data>>>;
}
