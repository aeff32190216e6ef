import { estimate, type Estimate } from '../../engine/estimate';
import { Knobs } from '../../engine/knobs';
import { compile, type Plan } from '../../engine/plan';
import type { Runtime } from '../../engine/runtime';
import type { Node, Tensor } from '../../engine/tensor';
import { ParameterSet } from '../../nn/parameters';
import type { SceneOptions } from '../../data/scenes';
import type { Config } from '../../train/control';
import type {
  Experiment,
  ExperimentContext,
  ExperimentFactory,
  ExportedModel,
  RunFacts,
  Snapshot,
  StartingModel,
} from '../../train/experiment';
import type { View } from '../../train/protocol';
import { COLUMNS, HISTORY_CAPACITY, Trainer } from '../../train/trainer';
import { describeDetectionData, loadDetectionData, type DetectionData } from './data/data';
import { figures, judge, type Judged } from './evaluation';
import { exportDetector, importDetector } from './onnx';
import { Reader } from './reader';
import { SceneFeed } from './sceneFeed';
import { lookOf, sceneOptions, settingsOf, type DetectionSettings, type Look } from './settings';
import { compareSides } from './sides';
import { losses } from './training';
import { view } from './views/viewer';

type Context = ExperimentContext<DetectionData>;

const OPTIMISER = { beta1: 0.9, beta2: 0.999, averageRampUp: 0.1 } as const;

interface Built {
  readonly settings: DetectionSettings;
  readonly trainer: Trainer;
  readonly feed: SceneFeed;
  /** Overlap above which a proposal drops a worse one. */
  readonly knobs: Knobs<'overlap'>;
  readonly step: { readonly outputs: Readonly<Record<string, Tensor>>; readonly effects: readonly Node[] };
}

/** Parameters, trainer, scenes and the step's graph; nothing is made on the device yet. */
function build({ runtime, config, data }: Context): Built {
  const settings = settingsOf(config, data.classes.length);
  const { seed, learningRate, weightDecay, warmup, steps: total, clip, averageDecay, shape, regions, batch } = settings;
  const parameters = new ParameterSet(seed);
  const trainer = new Trainer(runtime, parameters, {
    ...{ seed, learningRate, weightDecay, warmup, total, clip, averageDecay },
    ...OPTIMISER,
  });
  const feed = new SceneFeed(runtime, data, { batch, seed }, sceneOptions(config));
  const knobs = new Knobs({ overlap: lookOf(config).proposalOverlap });
  const updates: Node[] = [];
  const { total: loss, ...parts } = losses(parameters, feed.batch(trainer.step.tensor()), shape, {
    regions,
    mode: { training: true, updates },
    chance: { seed: trainer.seed.tensor(), step: trainer.step.tensor() },
    overlap: knobs.tensor('overlap'),
  });
  return { settings, trainer, feed, knobs, step: trainer.graph(loss, parts, updates) };
}

/** A detector as an experiment: what the trainer, the page and the runner hold. */
export class Detector implements Experiment {
  readonly columns = COLUMNS;
  readonly historyCapacity = HISTORY_CAPACITY;

  constructor(
    private readonly runtime: Runtime,
    private readonly built: Built,
    readonly plan: Plan,
    /** The weights as they are now. */
    readonly reader: Reader,
    private readonly data: DetectionData,
    private look: Look,
    private scene: SceneOptions,
  ) {}

  get feed(): SceneFeed {
    return this.built.feed;
  }

  get parameterCount(): number {
    return this.built.trainer.parameters.count;
  }

  readHistory(from: number, to: number): Promise<Float32Array> {
    return this.built.trainer.readHistory(from, to);
  }

  setKnobs(config: Config): void {
    const { trainer, knobs, feed } = this.built;
    const ids = {
      ...{ learningRate: 'lr', weightDecay: 'decay', warmup: 'warmup', total: 'steps', clip: 'clip' },
    } as const;
    for (const [knob, id] of Object.entries(ids)) {
      const value = config[id];
      if (typeof value === 'number') trainer.knobs.set(this.runtime, knob as keyof typeof ids, value);
    }
    this.look = lookOf(config);
    this.scene = sceneOptions(config);
    knobs.set(this.runtime, 'overlap', this.look.proposalOverlap);
    feed.setOptions(this.scene);
  }

  snapshot(): Promise<Snapshot> {
    return this.built.trainer.snapshot();
  }

  restore(snapshot: Snapshot): readonly string[] {
    return this.built.trainer.restore(snapshot);
  }

  async exportModel(run: RunFacts): Promise<ExportedModel> {
    const { look, data } = this;
    const { shape } = this.built.settings;
    const as = { shape, data: data.id, proposals: look.proposals, overlap: look.proposalOverlap };
    return exportDetector(await this.snapshot(), as, run);
  }

  importModel(bytes: Uint8Array, takes?: StartingModel['takes']): Snapshot {
    return importDetector(bytes, this.built.settings.shape, takes);
  }

  /** How scenes are composed as the controls stand. */
  get sceneOptions(): SceneOptions {
    return this.scene;
  }

  /** The detector on `most` held-out scenes, as the controls distort them unless `scene` says otherwise. */
  judged(scene: Partial<SceneOptions> = {}, most?: number): Promise<Judged> {
    const { reader, data, look } = this;
    return judge(reader, data, { look, scene: { ...this.scene, ...scene }, ...(most !== undefined && { most }) });
  }

  /** The figures of evaluation.ts, on held-out scenes as the controls distort them. */
  async evaluate(onProgress?: (done: number, total: number) => void): Promise<Readonly<Record<string, number>>> {
    const { reader, data, look, scene } = this;
    const judged = await judge(reader, data, { look, scene, ...(onProgress && { onProgress }) });
    return figures(judged, data.size, look.score);
  }

  /** By the names of views/viewer.ts, on the weights as they are and as the controls of effect `look` stand. */
  view(name: string, request: unknown): Promise<Readonly<Record<string, View>>> {
    const { reader, data, look, scene } = this;
    return view({ reader, data, look, scene, shape: this.built.settings.shape }, name, request);
  }

  dispose(): void {
    const { trainer, feed, knobs } = this.built;
    this.plan.dispose();
    this.reader.dispose();
    feed.dispose();
    knobs.release(this.runtime);
    trainer.dispose();
  }
}

/** Compiles a config's training step. Throws with the setting and the fix where it does not fit. */
export async function createDetector(context: Context): Promise<Detector> {
  const { runtime, data, config } = context;
  const built = build(context);
  const plan = await compile(runtime, built.step);
  const { trainer, settings } = built;
  const reader = new Reader(runtime, trainer.parameters.existing(trainer.weights), settings.shape);
  return new Detector(runtime, built, plan, reader, data, lookOf(config), sceneOptions(config));
}

export const experiment: ExperimentFactory<DetectionData> = {
  loadData: loadDetectionData,
  describeData: describeDetectionData,

  create: createDetector,

  estimate(context: Context): Estimate {
    return estimate(build(context).step, context.runtime.gpu.traits);
  },

  /** `sides`: two detectors on the same stream of scenes. */
  measures: { sides: { run: (...asked) => compareSides(experiment, ...asked) } },
};
