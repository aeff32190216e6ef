import type { ImageSet } from '../../data/imageSet';
import { compile, type Plan } from '../../engine/plan';
import type { Runtime } from '../../engine/runtime';
import { State } from '../../engine/state';
import type { ParameterSource } from '../../nn/parameters';
import { deviceSplit } from '../../train/deviceImages';
import { fewPerClass, type LabelledFeatures } from '../../train/evaluation/features';
import { linearProbe } from '../../train/evaluation/linearProbe';
import { nearestNeighbours } from '../../train/evaluation/neighbours';
import { FeatureReader } from './featureReader';
import { batchOf, trainingLoss } from './training';
import { visibleOf, type MaeSettings } from './settings';

/** Labelled images that the probe and the neighbours learn from, and held-out ones that they are asked about. */
const PROBE_TRAIN = 2000;
const PROBE_TEST = 1000;
/** Batches of held-out images for the masked loss, always with the same masks. */
const LOSS_BATCHES = 4;
const MASK_SEED = 12345;

interface LossPlan {
  readonly plan: Plan;
  readonly step: State;
  readonly seed: State;
}

interface Baselines {
  readonly probe: number;
  readonly neighbours: number;
}

/** Raw pixels do not change while a model trains: measured once for a data set. */
const baselinesOf = new WeakMap<ImageSet, Promise<Baselines>>();

/** Held-out measurements of a masked autoencoder. */
export class Evaluator {
  private losses: Promise<LossPlan> | undefined;
  private reader: FeatureReader | undefined;

  constructor(
    private readonly runtime: Runtime,
    private readonly weights: ParameterSource,
    private readonly settings: MaeSettings,
    private readonly data: ImageSet,
  ) {}

  /**
   * heldOutLoss; probe and neighbours (accuracy of frozen features, 0…1) beside pixelProbe and pixelNeighbours. Data without labels
   * gives the loss alone.
   */
  async measure(onProgress?: (done: number, total: number) => void): Promise<Readonly<Record<string, number>>> {
    const parts = 4;
    const heldOutLoss = await this.heldOutLoss();
    onProgress?.(1, parts);
    const classes = this.data.classes.length;
    if (classes < 2) return { heldOutLoss };
    this.reader ??= new FeatureReader(this.runtime, this.weights, this.settings, this.data);
    const train = await this.reader.read('train', PROBE_TRAIN);
    const test = await this.reader.read('test', PROBE_TEST);
    onProgress?.(2, parts);
    const probe = await linearProbe(this.runtime, train, test, { classes });
    onProgress?.(3, parts);
    const neighbours = await nearestNeighbours(this.runtime, train, test, { classes });
    const pixels = await this.baselines();
    onProgress?.(4, parts);
    return { heldOutLoss, probe, neighbours, pixelProbe: pixels.probe, pixelNeighbours: pixels.neighbours };
  }

  /** Accuracy of the probe with only so many labels a class. */
  async probeWithFewLabels(perClass: number): Promise<number> {
    this.reader ??= new FeatureReader(this.runtime, this.weights, this.settings, this.data);
    const all = await this.reader.read('train', PROBE_TRAIN);
    const test = await this.reader.read('test', PROBE_TEST);
    return linearProbe(this.runtime, chosen(all, fewPerClass(all.labels, perClass)), test, {
      classes: this.data.classes.length,
    });
  }

  private baselines(): Promise<Baselines> {
    const known = baselinesOf.get(this.data);
    if (known) return known;
    const made = this.measureBaselines();
    baselinesOf.set(this.data, made);
    made.catch(() => baselinesOf.delete(this.data));
    return made;
  }

  private async measureBaselines(): Promise<Baselines> {
    const [train, test] = [this.pixels('train', PROBE_TRAIN), this.pixels('test', PROBE_TEST)];
    const classes = this.data.classes.length;
    const probe = await linearProbe(this.runtime, train, test, { classes });
    return { probe, neighbours: await nearestNeighbours(this.runtime, train, test, { classes }) };
  }

  private pixels(which: 'train' | 'test', most: number): LabelledFeatures {
    const split = this.data[which];
    const count = Math.min(most, split.count);
    const width = this.data.channels * this.data.size ** 2;
    return {
      features: Float32Array.from(split.pixels.subarray(0, count * width), (v) => v / 255),
      labels: split.labels.slice(0, count),
      count,
      width,
    };
  }

  private async heldOutLoss(): Promise<number> {
    this.losses ??= this.compileLoss();
    const { plan, step } = await this.losses;
    let total = 0;
    for (let k = 0; k < LOSS_BATCHES; k++) {
      this.runtime.write(step, Uint32Array.of(k));
      plan.run();
      const [loss = NaN] = await plan.read('loss');
      total += loss / LOSS_BATCHES;
    }
    return total;
  }

  private async compileLoss(): Promise<LossPlan> {
    const step = new State('evaluation step', [], 'u32');
    const seed = new State('evaluation seed', [], 'u32', Uint32Array.of(MASK_SEED));
    const settings = { ...this.settings, batch: Math.min(this.settings.batch, this.data.test.count) };
    const batch = batchOf(this.data, deviceSplit(this.data, 'test'), settings, {
      seed: seed.tensor(),
      step: step.tensor(),
    });
    const loss = trainingLoss(this.weights, settings, batch, visibleOf(settings));
    return { plan: await compile(this.runtime, { outputs: { loss } }), step, seed };
  }

  dispose(): void {
    void this.losses?.then(({ plan, step, seed }) => {
      plan.dispose();
      this.runtime.release(step);
      this.runtime.release(seed);
    });
    this.reader?.dispose();
  }
}

function chosen(all: LabelledFeatures, rows: Uint32Array): LabelledFeatures {
  const { width } = all;
  const features = new Float32Array(rows.length * width);
  rows.forEach((row, i) => features.set(all.features.subarray(row * width, (row + 1) * width), i * width));
  return { features, labels: Uint8Array.from(rows, (row) => all.labels[row] ?? 0), count: rows.length, width };
}
