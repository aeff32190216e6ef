import { Knobs } from '../../engine/knobs';
import { mean } from '../../engine/ops/reduce';
import { estimate, type Estimate } from '../../engine/estimate';
import { compile, type Plan } from '../../engine/plan';
import type { Runtime } from '../../engine/runtime';
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
import { describeDiffusionData, loadDiffusionData, type DiffusionData } from './data/data';
import { Evaluator } from './evaluation';
import { LevelStatistics } from './levels';
import { trainedModel } from './model';
import { exportDiffusion, importDiffusion, type ExportedAs } from './onnx';
import type { ConstantsOf } from './process/constants';
import { processOf, settingsOf, type DiffusionSettings } from './settings';
import { noisyBatch, sampleLosses } from './training';
import { Looker } from './views/looker';
import { view } from './views/viewer';

type Context = ExperimentContext<DiffusionData>;

/** EDM's Adam; the average's half-life is this share of the steps done at most. */
const OPTIMISER = { beta1: 0.9, beta2: 0.999, averageRampUp: 0.05 } as const;

/** Numbers of the process that act on training without a new plan. */
type ProcessKnob = 'sigmaMin' | 'sigmaMax' | 'pMean' | 'pStd';

interface Built {
  readonly settings: DiffusionSettings;
  readonly trainer: Trainer;
  readonly knobs: Knobs<ProcessKnob>;
  readonly levels: LevelStatistics;
  readonly step: { readonly outputs: Readonly<Record<string, Tensor>>; readonly effects: readonly Node[] };
}

/** Parameters, trainer and the step's graph; nothing is made on the device yet. */
function build({ runtime, config, data }: Context): Built {
  const settings = settingsOf(config, data);
  const { seed, learningRate, weightDecay, warmup, steps: total, clip, averageDecay, process } = settings;
  const parameters = new ParameterSet(seed);
  const optimiser = { seed, learningRate, weightDecay, warmup, total, clip, averageDecay, ...OPTIMISER };
  const trainer = new Trainer(runtime, parameters, optimiser);
  const { sigmaMin, sigmaMax, pMean, pStd } = process.constants;
  const knobs = new Knobs<ProcessKnob>({ sigmaMin, sigmaMax, pMean, pStd });
  const constants: ConstantsOf<Tensor> = {
    ...process.constants,
    sigmaMin: knobs.tensor('sigmaMin'),
    sigmaMax: knobs.tensor('sigmaMax'),
    pMean: knobs.tensor('pMean'),
    pStd: knobs.tensor('pStd'),
  };
  const chance = { seed: trainer.seed.tensor(), step: trainer.step.tensor() };
  const batch = noisyBatch(data, settings, constants, chance);
  const losses = sampleLosses(parameters, settings, batch, constants);
  const levels = new LevelStatistics();
  const { outputs, effects } = trainer.graph(mean(losses));
  return {
    settings,
    trainer,
    knobs,
    levels,
    step: { outputs, effects: [levels.update(losses, batch.sigma), ...effects] },
  };
}

/** A diffusion model as an experiment: what the trainer, the page and the runner hold. */
class Diffusion implements Experiment {
  readonly columns = COLUMNS;
  readonly historyCapacity = HISTORY_CAPACITY;

  constructor(
    private readonly runtime: Runtime,
    private readonly built: Built,
    readonly plan: Plan,
    private readonly looker: Looker,
    private readonly evaluator: Evaluator,
    private readonly data: DiffusionData,
  ) {}

  get parameterCount(): number {
    return this.built.trainer.parameters.count;
  }

  readHistory(from: number, to: number): Promise<Float32Array> {
    return this.built.trainer.readHistory(from, to);
  }

  setKnobs(config: Config): void {
    const { trainer, knobs } = this.built;
    const ids = {
      learningRate: 'lr',
      weightDecay: 'decay',
      warmup: 'warmup',
      total: 'steps',
      clip: 'clip',
      averageDecay: 'ema',
    } as const;
    for (const [knob, id] of Object.entries(ids)) {
      const value = config[id];
      if (typeof value === 'number') trainer.knobs.set(this.runtime, knob as keyof typeof ids, value);
    }
    this.looker.process = processOf(config, this.data.sigmaData);
    const { constants } = this.looker.process;
    for (const name of ['sigmaMin', 'sigmaMax', 'pMean', 'pStd'] as const)
      knobs.set(this.runtime, name, constants[name]);
  }

  snapshot(): Promise<Snapshot> {
    return this.built.trainer.snapshot();
  }

  restore(snapshot: Snapshot): readonly string[] {
    this.looker.forget();
    return this.built.trainer.restore(snapshot);
  }

  async exportModel(run: RunFacts): Promise<ExportedModel> {
    return exportDiffusion(await this.snapshot(), this.exportedAs(), run);
  }

  importModel(bytes: Uint8Array): Snapshot {
    return importDiffusion(bytes, this.exportedAs());
  }

  private exportedAs(): ExportedAs {
    return { network: this.built.settings.network, process: this.looker.process, data: this.data.id };
  }

  evaluate(onProgress?: (done: number, total: number) => void): Promise<Readonly<Record<string, number>>> {
    return this.evaluator.measure(onProgress);
  }

  view(name: string, request: unknown): Promise<Readonly<Record<string, View>>> {
    return view(this.looker, name, request);
  }

  dispose(): void {
    const { trainer, knobs, levels } = this.built;
    this.plan.dispose();
    this.looker.dispose();
    this.evaluator.dispose();
    levels.release(this.runtime);
    knobs.release(this.runtime);
    trainer.dispose();
  }
}

export const experiment: ExperimentFactory<DiffusionData> = {
  loadData: loadDiffusionData,
  describeData: describeDiffusionData,

  async create(context: Context): Promise<Experiment> {
    const { runtime, data } = context;
    const built = build(context);
    const { settings, trainer, step } = built;
    const plan = await compile(runtime, step);
    const { parameters, weights } = trainer;
    const model = trainedModel(parameters, weights, settings.network, settings.process.preconditioning);
    const looker = new Looker(
      runtime,
      data,
      model,
      settings.process,
      () => built.levels.read(runtime),
      async () => (await runtime.read(trainer.step))[0] ?? 0,
    );
    const evaluator = new Evaluator(runtime, parameters.existing(weights), settings, data, looker);
    return new Diffusion(runtime, built, plan, looker, evaluator, data);
  },

  estimate(context: Context): Estimate {
    return estimate(build(context).step, context.runtime.gpu.traits);
  },
};
