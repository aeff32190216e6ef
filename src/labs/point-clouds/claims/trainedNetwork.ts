/** Networks that claims train for themselves, of the lab's own kinds or of another, and how they fare on distorted clouds. */
import { DISTORTION_NUMBERS, distortionNumbers, UNDISTORTED } from '../../../engine/ops/augmentPoints';
import type { PointDistortion } from '../../../engine/ops/augmentPoints';
import { mean } from '../../../engine/ops/reduce';
import { softmaxCrossEntropy } from '../../../engine/ops/softmaxCrossEntropy';
import { compile } from '../../../engine/plan';
import type { Runtime } from '../../../engine/runtime';
import { State } from '../../../engine/state';
import type { Node, Tensor } from '../../../engine/tensor';
import { ParameterSet, type ParameterSource } from '../../../nn/parameters';
import type { Config } from '../../../train/control';
import { runSteps } from '../../../train/runSteps';
import { Trainer } from '../../../train/trainer';
import type { PointData } from '../data/data';
import { judge, type Judged } from '../evaluation';
import type { Layers } from '../layers';
import type { CloudBatch } from '../network';
import { Reader } from '../reader';
import { settingsOf, trainingDistortion, type PointSettings } from '../settings';
import { loss, trainingBatch } from '../training';

/** The class logits [B, outputs] of a network that is none of the lab's. */
export type OwnLogits = (l: Layers, clouds: CloudBatch, outputs: number) => Tensor;

export interface Training {
  readonly runtime: Runtime;
  readonly config: Config;
  readonly data: PointData;
  readonly steps: number;
  /** In place of the network that the config names. */
  readonly logits?: OwnLogits;
  /** Hears which share of the training is done. */
  readonly tell: (share: number) => void;
  readonly signal: AbortSignal;
}

/** A network with its weights on the device, until it is disposed of. */
export interface TrainedNetwork {
  readonly settings: PointSettings;
  readonly source: ParameterSource;
  /** Numbers that were learned. */
  readonly parameters: number;
  /** Reads the network that the config names. */
  readonly reader: Reader;
  dispose(): void;
}

/** `steps` updates of the network of a config. Throws where its loss is no longer finite. */
export async function trainNetwork(training: Training): Promise<TrainedNetwork> {
  const { runtime, data, steps, config, logits, signal } = training;
  const settings = settingsOf(config, data);
  const { seed, learningRate, weightDecay, clip, smoothing, regulariser, network } = settings;
  const parameters = new ParameterSet(seed);
  const warmup = Math.min(settings.warmup, Math.ceil(steps / 10));
  const optimiser = { seed, learningRate, weightDecay, warmup, total: steps, clip, averageDecay: 0 };
  const trainer = new Trainer(runtime, parameters, { ...optimiser, beta1: 0.9, beta2: 0.999 });
  const strength = new State('distortion', [DISTORTION_NUMBERS], 'f32', distortionNumbers(trainingDistortion(config)));
  const chance = { seed: trainer.seed.tensor(), step: trainer.step.tensor() };
  const batch = trainingBatch(data, settings, chance, strength.tensor());
  const updates: Node[] = [];
  const layers: Layers = { p: parameters, mode: { training: true, updates }, chance };
  const value = logits
    ? mean(
        softmaxCrossEntropy(logits(layers, batch.clouds, network.outputs), batch.labels, { labelSmoothing: smoothing }),
      )
    : loss(layers, network, batch, { smoothing, form: regulariser.form, weight: regulariser.weight });
  const plan = await compile(runtime, trainer.graph(value, {}, updates));
  try {
    await runSteps(runtime, plan, steps, signal, (done) => training.tell(done / steps));
    const [last = NaN] = await trainer.readHistory(steps - 1, steps);
    if (!Number.isFinite(last))
      throw new Error(`the loss is not a finite number after ${steps} steps with ${JSON.stringify(config)}`);
  } catch (error) {
    trainer.dispose();
    throw error;
  } finally {
    plan.dispose();
    runtime.release(strength);
  }
  const source = parameters.existing();
  const reader = new Reader(runtime, source, network);
  const dispose = () => {
    reader.dispose();
    trainer.dispose();
  };
  return { settings, source, parameters: parameters.count, reader, dispose };
}

/** The network on the held-out shapes, `points` of each, distorted. */
export function judged(
  { reader, settings }: TrainedNetwork,
  data: PointData,
  distortion: Partial<PointDistortion> = {},
  points = settings.points,
): Promise<Judged> {
  return judge(reader, data, settings.network, { points, distortion: { ...UNDISTORTED, ...distortion } });
}
