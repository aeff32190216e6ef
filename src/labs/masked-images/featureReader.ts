import type { ImageSet } from '../../data/imageSet';
import { imageBatch } from '../../engine/ops/images';
import { patchify } from '../../engine/ops/patchify';
import { full } from '../../engine/ops/pointwise';
import { compile, type Plan } from '../../engine/plan';
import type { Runtime } from '../../engine/runtime';
import { State } from '../../engine/state';
import type { ParameterSource } from '../../nn/parameters';
import { channelStatistics, deviceSplit } from '../../train/deviceImages';
import type { LabelledFeatures } from '../../train/evaluation/features';
import { encodeShown, pooled } from './look';
import { patchCount } from './mae';
import type { MaeSettings } from './settings';

const BATCH = 64;

/** Frozen features of whole images: the mean of the encoder's patch tokens, nothing hidden. */
export class FeatureReader {
  private readonly plans = new Map<'train' | 'test', Promise<{ plan: Plan; indices: State }>>();

  constructor(
    private readonly runtime: Runtime,
    private readonly weights: ParameterSource,
    private readonly settings: MaeSettings,
    private readonly data: ImageSet,
  ) {}

  /** The first `count` images of a split. */
  async read(which: 'train' | 'test', count: number): Promise<LabelledFeatures> {
    const split = this.data[which];
    const wanted = Math.min(count, split.count);
    const { width } = this.settings.shape;
    const { plan, indices } = await this.planFor(which);
    const features = new Float32Array(wanted * width);
    for (let first = 0; first < wanted; first += BATCH) {
      this.runtime.write(
        indices,
        Uint32Array.from({ length: BATCH }, (_, i) => Math.min(first + i, split.count - 1)),
      );
      plan.run();
      const rows = await plan.read('features');
      features.set(rows.slice(0, Math.min(BATCH, wanted - first) * width), first * width);
    }
    return { features, labels: split.labels.slice(0, wanted), count: wanted, width };
  }

  private planFor(which: 'train' | 'test'): Promise<{ plan: Plan; indices: State }> {
    const known = this.plans.get(which);
    if (known) return known;
    const made = this.compile(which);
    this.plans.set(which, made);
    return made;
  }

  private async compile(which: 'train' | 'test'): Promise<{ plan: Plan; indices: State }> {
    const { shape } = this.settings;
    const { mean, deviation } = channelStatistics(this.data);
    const indices = new State('feature indices', [BATCH], 'u32');
    const { channels, size } = shape;
    const images = imageBatch(deviceSplit(this.data, which).pixels.tensor(), indices.tensor(), {
      channels,
      size,
      mean,
      std: deviation,
    });
    const hidden = full([BATCH, patchCount(shape)], 0);
    const z = encodeShown(this.weights, shape, patchify(images, shape.patch), hidden);
    return { plan: await compile(this.runtime, { outputs: { features: pooled(shape, z, hidden) } }), indices };
  }

  dispose(): void {
    for (const made of this.plans.values()) {
      void made.then(({ plan, indices }) => {
        plan.dispose();
        this.runtime.release(indices);
      });
    }
  }
}
