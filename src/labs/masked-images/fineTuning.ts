/** Fine-tuning with few labels, from pre-trained encoder weights and from scratch: same images, order, augmentation and steps. */
import type { ImageSet, ImageSplit } from '../../data/imageSet';
import { labelledSubset } from '../../data/labelledSubset';
import { imageBatch, labelBatch } from '../../engine/ops/images';
import { patchify } from '../../engine/ops/patchify';
import { equal, toFloat } from '../../engine/ops/pointwise';
import { batchIndices } from '../../engine/ops/random';
import { recordScalars } from '../../engine/ops/record';
import { argmax, mean } from '../../engine/ops/reduce';
import { reshape } from '../../engine/ops/reshape';
import { shiftFlip } from '../../engine/ops/shiftFlip';
import { softmaxCrossEntropy } from '../../engine/ops/softmaxCrossEntropy';
import { philoxUniforms } from '../../engine/philox';
import { compile, type Plan } from '../../engine/plan';
import type { Runtime } from '../../engine/runtime';
import { State } from '../../engine/state';
import type { Tensor } from '../../engine/tensor';
import { ParameterSet, type ParameterSource } from '../../nn/parameters';
import { channelStatistics, deviceSplit } from '../../train/deviceImages';
import type { NamedArray } from '../../train/experiment';
import { runSteps } from '../../train/runSteps';
import { Trainer } from '../../train/trainer';
import { classify, withLayerRates } from './classifier';
import type { MaeShape } from './mae';

export interface FineTuneRequest {
  readonly runtime: Runtime;
  readonly data: ImageSet;
  readonly shape: MaeShape;
  /** Pre-trained weights by name; those of the encoder are taken. */
  readonly parameters: ReadonlyMap<string, NamedArray>;
  readonly labelsPerClass: number;
  /** Updates of each side. */
  readonly steps: number;
  /** Which images are labelled, their order, their shifts, and the weights that nothing pre-trained. */
  readonly seed: number;
}

export type Side = 'pretrained' | 'scratch';

/** Accuracy on held-out images (0…1) over steps; the last point is the result. */
export type Curve = readonly (readonly [step: number, accuracy: number])[];

export interface FineTuneProgress {
  /** Updates done of both sides together, and how many there will be. */
  readonly done: number;
  readonly total: number;
  readonly curves: Readonly<Record<Side, Curve>>;
}

export type FineTuneResult = Readonly<Record<Side, Curve>>;

const LEARNING_RATE = 1e-3;
const WEIGHT_DECAY = 0.05;
const LABEL_SMOOTHING = 0.1;
const BATCH = 32;
/** Pre-trained layers learn the slower the nearer they are to the pixels. From scratch all learn alike: it would hold them back. */
const LAYER_DECAY: Readonly<Record<Side, number>> = { pretrained: 0.75, scratch: 1 };
/** Pixels that a picture is moved by, at most. Digits are not mirrored: some would become others. */
const SHIFT = 2;
const UNMIRRORED = ['digits'];
/** Held-out images that accuracy is measured on, in batches, so many times during a run. */
const HELD_OUT = 1000;
const HELD_OUT_BATCH = 50;
const MEASURED = 4;

/**
 * Trains a classifier twice on `labelsPerClass` labelled images of each class, from the pre-trained encoder and from scratch, and
 * measures both on held-out images as they learn. Throws where data have no labels or the weights do not fit the shape; throws
 * the signal's reason when it is stopped.
 */
export async function fineTune(
  request: FineTuneRequest,
  onProgress: (progress: FineTuneProgress) => void,
  signal: AbortSignal,
): Promise<FineTuneResult> {
  const { data, steps } = request;
  checkLabels(data);
  const curves: Record<Side, Curve> = { pretrained: [], scratch: [] };
  const sides = ['pretrained', 'scratch'] as const;
  for (const [index, side] of sides.entries()) {
    const tuning = await FineTuning.create(request, side);
    try {
      for (let part = 0; part < MEASURED; part++) {
        const [from, to] = [Math.round((part * steps) / MEASURED), Math.round(((part + 1) * steps) / MEASURED)];
        const say = (done: number) =>
          onProgress({ done: index * steps + from + done, total: 2 * steps, curves: { ...curves } });
        await tuning.train(to - from, signal, say);
        curves[side] = [...curves[side], [to, await tuning.accuracy()]];
        say(to - from);
      }
    } finally {
      tuning.dispose();
    }
  }
  return curves;
}

/** Throws where there is nothing to classify. */
export function checkLabels({ id, classes }: ImageSet): void {
  if (classes.length < 2)
    throw new Error(`data set "${id}": its pictures have no labels; fine-tuning needs classes, choose another set`);
}

/** One side: a training plan and one that measures accuracy, over the same weights. */
class FineTuning {
  private constructor(
    private readonly runtime: Runtime,
    private readonly trainer: Trainer,
    private readonly plan: Plan,
    private readonly heldOut: HeldOut,
  ) {}

  static async create(request: FineTuneRequest, side: Side): Promise<FineTuning> {
    const { runtime, data, shape, labelsPerClass, steps, seed } = request;
    const parameters = new ParameterSet(seed);
    const trainer = new Trainer(runtime, parameters, {
      seed,
      learningRate: LEARNING_RATE,
      weightDecay: WEIGHT_DECAY,
      warmup: Math.ceil(steps / 10),
      total: steps,
      clip: 1,
      averageDecay: 0,
      beta2: 0.999,
    });
    const keys = philoxUniforms(data.train.count, seed, 'labelled');
    const few: ImageSet = { ...data, train: labelledSubset(data.train, labelsPerClass, keys) };
    const layers = withLayerRates(parameters, shape.depth, LAYER_DECAY[side]);
    const chance = { seed: trainer.seed.tensor(), step: trainer.step.tensor() };
    const plan = await trainer.compile(labelledLoss(layers, shape, few, channelStatistics(data), chance));
    if (side === 'pretrained') takeEncoder(trainer, parameters, request.parameters);
    return new FineTuning(runtime, trainer, plan, await HeldOut.create(runtime, parameters, shape, data));
  }

  train(steps: number, signal: AbortSignal, onStep: (done: number) => void): Promise<void> {
    return runSteps(this.runtime, this.plan, steps, signal, onStep);
  }

  accuracy(): Promise<number> {
    return this.heldOut.accuracy();
  }

  dispose(): void {
    this.plan.dispose();
    this.heldOut.dispose();
    this.trainer.dispose();
  }
}

/** Mean cross-entropy of a batch of the labelled images, shifted and mirrored by chance. */
function labelledLoss(
  p: ParameterSource,
  shape: MaeShape,
  few: ImageSet,
  { mean: centre, deviation }: { mean: readonly number[]; deviation: readonly number[] },
  chance: { readonly seed: Tensor; readonly step: Tensor },
): Tensor {
  const split = deviceSplit(few, 'train');
  const batch = Math.min(BATCH, split.count);
  const indices = batchIndices(chance.seed, chance.step, { count: split.count, batch, stream: 'labelled batch' });
  const { channels, size } = shape;
  const images = imageBatch(split.pixels.tensor(), indices, { channels, size, mean: centre, std: deviation });
  const moved = shiftFlip(images, chance, {
    shift: SHIFT,
    flip: !UNMIRRORED.includes(few.id),
    stream: 'labelled shift',
  });
  const logits = classify(p, shape, patchify(moved, shape.patch), few.classes.length);
  const labels = labelBatch(split.labels.tensor(), indices);
  return reshape(mean(softmaxCrossEntropy(logits, labels, { labelSmoothing: LABEL_SMOOTHING })), []);
}

/** Copies the encoder's weights; throws where one is missing or has another shape. */
function takeEncoder(trainer: Trainer, set: ParameterSet, parameters: ReadonlyMap<string, NamedArray>): void {
  const none = new Map<string, NamedArray>();
  const left = trainer.restore({ step: 0, parameters, firstMoment: none, secondMoment: none });
  const missing = left.filter((name) => !name.startsWith('head'));
  if (missing.length > 0)
    throw new Error(
      `fine-tuning: the pre-trained weights have no "${missing[0] ?? ''}" of shape [${set.find(missing[0] ?? '').shape.join(', ')}]; use the settings that they were trained with`,
    );
}

/** Accuracy on held-out images: whole batches of the same images each time, counted on the device, read once. */
class HeldOut {
  private constructor(
    private readonly runtime: Runtime,
    private readonly plan: Plan,
    private readonly step: State,
    private readonly shares: State,
    private readonly batches: number,
  ) {}

  static async create(runtime: Runtime, parameters: ParameterSet, shape: MaeShape, data: ImageSet): Promise<HeldOut> {
    const split: ImageSplit = data.test;
    const batch = Math.min(HELD_OUT_BATCH, split.count);
    const batches = Math.floor(Math.min(HELD_OUT, split.count) / batch);
    const step = new State('held-out step', [], 'u32');
    const seed = new State('held-out seed', [], 'u32', Uint32Array.of(0), 'constant');
    const shares = new State('held-out shares', [batches, 1]);
    // One epoch of a permutation: every image once.
    const indices = batchIndices(seed.tensor(), step.tensor(), { count: batches * batch, batch, stream: 'held out' });
    const { pixels, labels } = deviceSplit(data, 'test');
    const { mean: centre, deviation } = channelStatistics(data);
    const { channels, size } = shape;
    const images = imageBatch(pixels.tensor(), indices, { channels, size, mean: centre, std: deviation });
    const logits = classify(parameters.existing(), shape, patchify(images, shape.patch), data.classes.length);
    const right = equal(toFloat(argmax(logits, [1])), toFloat(labelBatch(labels.tensor(), indices))); // [batch]
    const record = recordScalars(shares.tensor(), step.tensor(), [reshape(mean(right), [])]);
    return new HeldOut(runtime, await compile(runtime, { effects: [record] }), step, shares, batches);
  }

  async accuracy(): Promise<number> {
    this.runtime.write(this.step, Uint32Array.of(0));
    for (let k = 0; k < this.batches; k++) this.plan.run();
    const shares = Float32Array.from(await this.runtime.read(this.shares));
    return shares.reduce((sum, share) => sum + share, 0) / this.batches;
  }

  dispose(): void {
    this.plan.dispose();
    this.runtime.release(this.step);
    this.runtime.release(this.shares);
  }
}
