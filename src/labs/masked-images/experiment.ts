import { deviceSplit } from '../../train/deviceImages';
import type {
  Experiment,
  ExperimentContext,
  ExperimentFactory,
  ExportedModel,
  RunFacts,
  Snapshot,
} from '../../train/experiment';
import type { Config } from '../../train/control';
import { describeImages, loadImages } from '../../train/imageData';
import type { View } from '../../train/protocol';
import { COLUMNS, HISTORY_CAPACITY, Trainer } from '../../train/trainer';
import { estimate, type Estimate } from '../../engine/estimate';
import type { Plan } from '../../engine/plan';
import type { Tensor } from '../../engine/tensor';
import type { Runtime } from '../../engine/runtime';
import { ParameterSet } from '../../nn/parameters';
import { batchOf, trainingLoss, type BatchGraph } from './training';
import { Evaluator } from './evaluation';
import { fineTuning } from './fineTuningMeasure';
import { settingsOf, visibleOf, type MaeSettings } from './settings';
import { exportMae, importMae, type ExportedAs } from './onnx';
import { Viewer } from './views';

/** The average's half-life is this share of the steps done at most (EDM), so that a young one is not made of starting weights. */
const AVERAGE_RAMP_UP = 0.05;

/** The masked autoencoder as an experiment: what the trainer, the page and the runner hold. */
class MaskedImages implements Experiment {
  readonly columns = COLUMNS;
  readonly historyCapacity = HISTORY_CAPACITY;

  constructor(
    private readonly runtime: Runtime,
    private readonly trainer: Trainer,
    readonly plan: Plan,
    private readonly viewer: Viewer,
    private readonly evaluator: Evaluator,
    private readonly exportedAs: ExportedAs,
  ) {}

  get parameterCount(): number {
    return this.trainer.parameters.count;
  }

  readHistory(from: number, to: number): Promise<Float32Array> {
    return this.trainer.readHistory(from, to);
  }

  setKnobs(config: Config): void {
    const knobs = {
      learningRate: 'lr',
      weightDecay: 'decay',
      warmup: 'warmup',
      total: 'steps',
      clip: 'clip',
      averageDecay: 'ema',
    } as const;
    for (const [knob, id] of Object.entries(knobs)) {
      const value = config[id];
      if (typeof value === 'number') this.trainer.knobs.set(this.runtime, knob as keyof typeof knobs, value);
    }
  }

  snapshot(): Promise<Snapshot> {
    return this.trainer.snapshot();
  }

  restore(snapshot: Snapshot): readonly string[] {
    return this.trainer.restore(snapshot);
  }

  async exportModel(run: RunFacts): Promise<ExportedModel> {
    return exportMae(await this.snapshot(), this.exportedAs, run);
  }

  importModel(bytes: Uint8Array): Snapshot {
    return importMae(bytes, this.exportedAs.shape);
  }

  evaluate(onProgress?: (done: number, total: number) => void): Promise<Readonly<Record<string, number>>> {
    return this.evaluator.measure(onProgress);
  }

  view(name: string, request: unknown): Promise<Readonly<Record<string, View>>> {
    return this.viewer.view(name, request);
  }

  dispose(): void {
    this.plan.dispose();
    this.viewer.dispose();
    this.evaluator.dispose();
    this.trainer.dispose();
  }
}

interface Built {
  readonly settings: MaeSettings;
  readonly trainer: Trainer;
  readonly loss: Tensor;
}

/** Parameters, trainer and the loss's graph; nothing is made on the device yet. */
function build({ runtime, config, data }: ExperimentContext): Built {
  const settings = settingsOf(config, data);
  const parameters = new ParameterSet(settings.seed);
  const trainer = new Trainer(runtime, parameters, {
    seed: settings.seed,
    learningRate: settings.learningRate,
    weightDecay: settings.weightDecay,
    warmup: settings.warmup,
    total: settings.steps,
    clip: settings.clip,
    averageDecay: settings.averageDecay,
    averageRampUp: AVERAGE_RAMP_UP,
    precision: settings.precision,
  });
  const batch: BatchGraph = batchOf(data, deviceSplit(data, 'train'), settings, {
    seed: trainer.seed.tensor(),
    step: trainer.step.tensor(),
  });
  return { settings, trainer, loss: trainingLoss(parameters, settings, batch, visibleOf(settings)) };
}

export const experiment: ExperimentFactory = {
  loadData: loadImages,
  describeData: describeImages,
  measures: { 'fine-tuning': fineTuning },

  async create(context: ExperimentContext): Promise<Experiment> {
    const { runtime, data } = context;
    const { settings, trainer, loss } = build(context);
    const plan = await trainer.compile(loss);
    const { parameters, weights } = trainer;
    const viewer = new Viewer(runtime, parameters, weights, settings, data);
    const evaluator = new Evaluator(runtime, parameters.existing(weights), settings, data);
    const exportedAs = { shape: settings.shape, data, normalisedTarget: settings.normalisedTarget };
    return new MaskedImages(runtime, trainer, plan, viewer, evaluator, exportedAs);
  },

  estimate(context: ExperimentContext): Estimate {
    const { trainer, loss } = build(context);
    return estimate(trainer.graph(loss), context.runtime.gpu.traits);
  },
};
