/** Held-out measurements of a diffusion model. */
import { compile, type Plan } from '../../engine/plan';
import { mean } from '../../engine/ops/reduce';
import type { Runtime } from '../../engine/runtime';
import { State } from '../../engine/state';
import { randomNormal, randomUniform } from '../../engine/ops/random';
import type { ParameterSource } from '../../nn/parameters';
import { energyDistance } from '../../train/evaluation/energyDistance';
import { slicedWasserstein } from '../../train/evaluation/slicedWasserstein';
import type { PointSample } from '../../train/evaluation/slicedWasserstein';
import type { DiffusionData, PictureData } from './data/data';
import { LearnedFeatures } from './learnedFeatures';
import { meanNearest } from './nearest';
import { randomFeatures } from './randomFeatures';
import { tensorArithmetic } from './process/arithmetic';
import { drawsFrom, drawSigma } from './process/training';
import { hostSamples } from './samples';
import type { DiffusionSettings } from './settings';
import { cleanBatch, sampleLosses } from './training';
import type { Looker } from './views/looker';

/** Samples that are drawn to be measured. */
const MEASURED = { plane: 2048, pictures: 64 } as const;
const SAMPLE_SEED = 4711;
const LOSS_SEED = 12345;
const LOSS_BATCHES = 4;

interface LossPlan {
  readonly plan: Plan;
  readonly step: State;
  readonly seed: State;
}

/** Of the same images. */
interface Features {
  readonly random: PointSample;
  readonly learned: PointSample;
}

export class Evaluator {
  private losses: Promise<LossPlan> | undefined;
  private learned: LearnedFeatures | undefined;
  /** Features of the held-out images: they stay. */
  private heldFeatures: Features | undefined;

  constructor(
    private readonly runtime: Runtime,
    private readonly source: ParameterSource,
    private readonly settings: DiffusionSettings,
    private readonly data: DiffusionData,
    private readonly looker: Looker,
  ) {}

  /**
   * heldOutLoss; slicedWasserstein and energyDistance of fresh samples to held-out data (in the plane, or over pixels); for pictures
   * featureDistance and learnedDistance, the energy distances over fixed random and over learned features, and nearness: mean distance of
   * a sample to the nearest training image, over the same of held-out images (far below 1: remembered). Throws where the file of the
   * learned features cannot be read.
   */
  async measure(onProgress?: (done: number, total: number) => void): Promise<Readonly<Record<string, number>>> {
    const heldOutLoss = await this.heldOutLoss();
    onProgress?.(1, 3);
    const count: number = MEASURED[this.data.kind];
    const width = this.looker.width;
    const made = { points: await this.looker.sample({ batch: count, seed: SAMPLE_SEED }), count, width };
    onProgress?.(2, 3);
    const held = hostSamples(this.data, 'test', Math.max(count, 256));
    const real = { points: held.values, count: held.count, width };
    const distances = {
      heldOutLoss,
      slicedWasserstein: slicedWasserstein(made, real),
      energyDistance: energyDistance(made, real),
    };
    if (this.data.kind === 'plane') return distances;
    const images = this.data;
    this.heldFeatures ??= await this.featuresOf(images, real);
    const [fresh, wanted] = [await this.featuresOf(images, made), this.heldFeatures];
    const nearest = meanNearest(images, made) / meanNearest(images, { ...real, count: Math.min(64, real.count) });
    return {
      ...distances,
      featureDistance: energyDistance(fresh.random, wanted.random),
      learnedDistance: energyDistance(fresh.learned, wanted.learned),
      nearness: nearest,
    };
  }

  private async featuresOf({ set, featureFile }: PictureData, images: PointSample): Promise<Features> {
    this.learned ??= await LearnedFeatures.open(this.runtime, await featureFile());
    const { channels, size } = set;
    const learned = await this.learned.of(images, size);
    return { random: randomFeatures(images, { channels, size }), learned };
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
    const seed = new State('evaluation seed', [], 'u32', Uint32Array.of(LOSS_SEED));
    const chance = { seed: seed.tensor(), step: step.tensor() };
    const { process, batch } = this.settings;
    const clean = cleanBatch(this.data, 'test', this.settings, chance);
    const random = drawsFrom(process) === 'normal' ? randomNormal : randomUniform;
    const sigma = drawSigma(tensorArithmetic, process, random(chance.seed, chance.step, [batch], 'noise level'));
    const noise = randomNormal(chance.seed, chance.step, clean.data.shape, 'noise');
    const losses = sampleLosses(this.source, this.settings, { ...clean, sigma, noise });
    return { plan: await compile(this.runtime, { outputs: { loss: mean(losses) } }), step, seed };
  }

  dispose(): void {
    this.learned?.dispose();
    void this.losses?.then(({ plan, step, seed }) => {
      plan.dispose();
      this.runtime.release(step);
      this.runtime.release(seed);
    });
  }
}
