/** What a session is given: device, lab, data, and where checkpoints outlive it. */
import type { Runtime } from '../engine/runtime';
import type { Gpu } from '../gpu/device';
import type { Config, Effect } from './control';
import type { KeptCurve } from './curve';
import type { DataSource } from './dataSource';
import type { ExperimentFactory, Snapshot, StartingModel } from './experiment';
import type { Fitted } from './fitToDevice';
import type { LinkRecipe, SessionEvent } from './protocol';
import type { ConfigChange } from './recipe';

/** A run as it stands: weights and curve. Its settings are those of the recipe that it is kept under. */
export interface Checkpoint {
  readonly snapshot: Snapshot;
  readonly curve: KeptCurve;
  /** Name of the model file that its weights began with, where they are not those that its link gives. */
  readonly origin?: string;
}

/** Checkpoints by what the run's link holds, so that no run is taken up by another's; the page keeps them in IndexedDB. */
export interface CheckpointStore {
  save(recipe: LinkRecipe, checkpoint: Checkpoint): Promise<void>;
  load(recipe: LinkRecipe): Promise<Checkpoint | undefined>;
  remove(recipe: LinkRecipe): Promise<void>;
}

export interface SessionSetup {
  readonly openGpu: () => Promise<Gpu>;
  /** The lab's; only it knows what its data are. */
  readonly factory: ExperimentFactory<unknown>;
  /** What a change of a control asks for: the effect in its description. */
  readonly effectOf: (id: string) => Effect;
  /** Replaces settings that this device cannot serve. */
  readonly fit?: (runtime: Runtime, config: Config) => Promise<Fitted>;
  readonly source: DataSource;
  /** A model file whose weights the run starts from; undefined for fresh weights. */
  readonly loadStart?: (config: Config) => Promise<StartingModel | undefined>;
  readonly emit: (event: SessionEvent) => void;
  /** Reports come every so many steps, so that two runs tell the same; by the clock where it is left out. */
  readonly reportEvery?: number;
  readonly checkpoints?: CheckpointStore;
  readonly now?: () => number;
}

export interface OpenRequest {
  readonly config: Config;
  readonly changes: readonly ConfigChange[];
  /** Whether to go on from a kept checkpoint. */
  readonly resume?: boolean;
  /** Whether to throw TooDemandingError, rather than to go on, when the model is large or slow for this device. */
  readonly ask?: boolean;
}
