/** Small networks that claims train for themselves, of any loss. */
import { mean } from '../../../engine/ops/reduce';
import { compile } from '../../../engine/plan';
import type { Runtime } from '../../../engine/runtime';
import type { State } from '../../../engine/state';
import type { Tensor } from '../../../engine/tensor';
import { ParameterSet, type ParameterSource } from '../../../nn/parameters';
import type { Config } from '../../../train/control';
import { runSteps } from '../../../train/runSteps';
import { Trainer } from '../../../train/trainer';
import type { PlaneData } from '../data/data';
import { trainedModel, type SampledModel } from '../model';
import { settingsOf, type DiffusionSettings } from '../settings';
import { noisyBatch, sampleLosses, type Chance } from '../training';

/** A network with its weights on the device, until it is disposed of. */
export interface TrainedNetwork {
  readonly settings: DiffusionSettings;
  /** With the moving average of the weights. */
  readonly model: SampledModel;
  dispose(): void;
}

/** Losses [B] of a step's batch. */
export type StepLosses = (p: ParameterSource, settings: DiffusionSettings, chance: Chance) => Tensor;

export interface Training {
  readonly runtime: Runtime;
  readonly config: Config;
  readonly data: PlaneData;
  readonly steps: number;
  /** The lab's own loss where left out. */
  readonly losses?: StepLosses;
  /** States that the losses read, released after training. */
  readonly reads?: readonly State[];
  /** Hears which share of the training is done. */
  readonly tell: (share: number) => void;
  readonly signal: AbortSignal;
}

/** `steps` updates of the network of a config. Throws where its loss is no longer finite. */
export async function trainNetwork(training: Training): Promise<TrainedNetwork> {
  const { runtime, data, steps, reads = [] } = training;
  const config = { ...training.config, steps, warmup: Math.min(50, Math.ceil(steps / 10)) };
  const settings = settingsOf(config, data);
  const { seed, learningRate, weightDecay, warmup, clip, averageDecay, process } = settings;
  const losses: StepLosses =
    training.losses ?? ((p, of, chance) => sampleLosses(p, of, noisyBatch(data, of, process.constants, chance)));
  const parameters = new ParameterSet(seed);
  const optimiser = { seed, learningRate, weightDecay, warmup, total: steps, clip, averageDecay };
  const trainer = new Trainer(runtime, parameters, { ...optimiser, beta2: 0.999, averageRampUp: 0.05 });
  const chance = { seed: trainer.seed.tensor(), step: trainer.step.tensor() };
  const plan = await compile(runtime, trainer.graph(mean(losses(parameters, settings, chance))));
  try {
    await runSteps(runtime, plan, steps, training.signal, (done) => training.tell(done / steps));
    const [loss = NaN] = await trainer.readHistory(steps - 1, steps);
    if (!Number.isFinite(loss))
      throw new Error(`the loss is not a finite number after ${steps} steps with ${JSON.stringify(config)}`);
  } catch (error) {
    trainer.dispose();
    throw error;
  } finally {
    plan.dispose();
    for (const state of reads) runtime.release(state);
  }
  const model = trainedModel(parameters, trainer.weights, settings.network, process.preconditioning);
  return { settings, model, dispose: () => trainer.dispose() };
}
