import { DISTORTION_NUMBERS, distortionNumbers, UNDISTORTED } from '../../engine/ops/augmentPoints';
import { estimate, type Estimate } from '../../engine/estimate';
import { Knobs } from '../../engine/knobs';
import { compile, type Plan } from '../../engine/plan';
import type { Runtime } from '../../engine/runtime';
import { State } from '../../engine/state';
import type { Node, Tensor } from '../../engine/tensor';
import { ParameterSet } from '../../nn/parameters';
import type { Config } from '../../train/control';
import type {
  Experiment,
  ExperimentContext,
  ExperimentFactory,
  ExportedModel,
  RunFacts,
  Snapshot,
} from '../../train/experiment';
import type { View } from '../../train/protocol';
import { COLUMNS, HISTORY_CAPACITY, Trainer } from '../../train/trainer';
import { baselines } from './baselines';
import { comparison } from './comparison';
import { describePointData, loadPointData, type PointData } from './data/data';
import { figures, isUndistorted, judge } from './evaluation';
import { exportNetwork, importNetwork } from './onnx';
import { Reader } from './reader';
import { lookOf, settingsOf, trainingDistortion, type Look, type PointSettings } from './settings';
import { loss, trainingBatch } from './training';
import { view } from './views/viewer';

type Context = ExperimentContext<PointData>;

/** Adam as PointNet has it. */
const OPTIMISER = { beta1: 0.9, beta2: 0.999, averageDecay: 0 } as const;

interface Built {
  readonly settings: PointSettings;
  readonly trainer: Trainer;
  /** Weight of PointNet's regulariser. */
  readonly knobs: Knobs<'regulariser'>;
  /** How much training clouds are distorted. */
  readonly strength: State;
  readonly step: { readonly outputs: Readonly<Record<string, Tensor>>; readonly effects: readonly Node[] };
}

/** Parameters, trainer and the step's graph; nothing is made on the device yet. */
function build({ runtime, config, data }: Context): Built {
  const settings = settingsOf(config, data);
  const { seed, learningRate, weightDecay, warmup, steps: total, clip, regulariser, smoothing } = settings;
  const parameters = new ParameterSet(seed);
  const trainer = new Trainer(runtime, parameters, {
    ...{ seed, learningRate, weightDecay, warmup, total, clip },
    ...OPTIMISER,
  });
  const knobs = new Knobs({ regulariser: regulariser.weight });
  const strength = new State('distortion', [DISTORTION_NUMBERS], 'f32', distortionNumbers(trainingDistortion(config)));
  const chance = { seed: trainer.seed.tensor(), step: trainer.step.tensor() };
  const batch = trainingBatch(data, settings, chance, strength.tensor());
  const updates: Node[] = [];
  const layers = { p: parameters, mode: { training: true as const, updates }, chance };
  const weight = knobs.tensor('regulariser');
  const value = loss(layers, settings.network, batch, { smoothing, form: regulariser.form, weight });
  return { settings, trainer, knobs, strength, step: trainer.graph(value, {}, updates) };
}

/** A network of point clouds as an experiment: what the trainer, the page and the runner hold. */
class PointClouds implements Experiment {
  readonly columns = COLUMNS;
  readonly historyCapacity = HISTORY_CAPACITY;
  private look: Look = { points: 1, distortion: UNDISTORTED };

  constructor(
    private readonly runtime: Runtime,
    private readonly built: Built,
    readonly plan: Plan,
    private readonly reader: Reader,
    private readonly data: PointData,
  ) {}

  get parameterCount(): number {
    return this.built.trainer.parameters.count;
  }

  readHistory(from: number, to: number): Promise<Float32Array> {
    return this.built.trainer.readHistory(from, to);
  }

  setKnobs(config: Config): void {
    const { trainer, knobs, strength } = this.built;
    const ids = { learningRate: 'lr', weightDecay: 'decay', warmup: 'warmup', total: 'steps', clip: 'clip' } as const;
    for (const [knob, id] of Object.entries(ids)) {
      const value = config[id];
      if (typeof value === 'number') trainer.knobs.set(this.runtime, knob as keyof typeof ids, value);
    }
    knobs.set(this.runtime, 'regulariser', Number(config['reg']));
    this.runtime.write(strength, distortionNumbers(trainingDistortion(config)));
    this.look = lookOf(config);
  }

  snapshot(): Promise<Snapshot> {
    return this.built.trainer.snapshot();
  }

  restore(snapshot: Snapshot): readonly string[] {
    return this.built.trainer.restore(snapshot);
  }

  async exportModel(run: RunFacts): Promise<ExportedModel> {
    const { network, points } = this.built.settings;
    return exportNetwork(await this.snapshot(), { network, points, data: this.data.set.id }, run);
  }

  importModel(bytes: Uint8Array): Snapshot {
    return importNetwork(bytes, this.built.settings.network);
  }

  /**
   * heldOutLoss, accuracy (of shapes, or of points), classAccuracy (mean over classes); for parts partIou (over shapes) and classPartIou
   * (over categories); for rooms meanIou. Beside them the baselines `majority` and `neighbours` (baselines.ts). Where the sliders distort what is seen, the same with `seen.` before them.
   */
  async evaluate(onProgress?: (done: number, total: number) => void): Promise<Readonly<Record<string, number>>> {
    const { network, points } = this.built.settings;
    const distorted = !isUndistorted(this.look.distortion) || this.look.points !== points;
    const parts = distorted ? 2 : 1;
    const run = (part: number, look: Look) =>
      judge(this.reader, this.data, network, {
        ...look,
        onProgress: (done, total) => onProgress?.(part * total + done, parts * total),
      });
    const { majority, neighbours, parts: ofParts } = baselines(this.data, network.task);
    const clean = {
      ...figures(await run(0, { points, distortion: UNDISTORTED }), network.task),
      majority,
      neighbours,
      ...(ofParts && { majorityPartIou: ofParts.majority, neighboursPartIou: ofParts.neighbours }),
    };
    if (!distorted) return clean;
    const seen = figures(await run(1, this.look), network.task);
    return { ...clean, ...Object.fromEntries(Object.entries(seen).map(([name, v]) => [`seen.${name}`, v])) };
  }

  /** By the names of views/viewer.ts, on the weights as they are and as the sliders of effect `look` stand. */
  view(name: string, request: unknown): Promise<Readonly<Record<string, View>>> {
    const { runtime, data, reader, look } = this;
    const { settings, trainer } = this.built;
    const { network, points } = settings;
    return view(
      { runtime, data, reader, look, network, points, weights: trainer.parameters.existing() },
      name,
      request,
    );
  }

  dispose(): void {
    const { trainer, knobs, strength } = this.built;
    this.plan.dispose();
    this.reader.dispose();
    knobs.release(this.runtime);
    this.runtime.release(strength);
    trainer.dispose();
  }
}

export const experiment: ExperimentFactory<PointData> = {
  loadData: loadPointData,
  describeData: describePointData,

  async create(context: Context): Promise<Experiment> {
    const { runtime, data } = context;
    const built = build(context);
    const plan = await compile(runtime, built.step);
    const reader = new Reader(runtime, built.trainer.parameters.existing(), built.settings.network);
    return new PointClouds(runtime, built, plan, reader, data);
  },

  estimate(context: Context): Estimate {
    return estimate(build(context).step, context.runtime.gpu.traits);
  },

  /** `comparison`: the same objects as views, voxels, points and a graph. */
  measures: { comparison },
};
