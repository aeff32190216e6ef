/** What the page looks at: reconstructions, attention, filters, positions and the map of features, computed when someone looks. */
import * as v from 'valibot';
import type { ImageSet } from '../../data/imageSet';
import { attentionMap } from '../../engine/ops/attention';
import { patchify } from '../../engine/ops/patchify';
import { compile, type Plan } from '../../engine/plan';
import type { Runtime } from '../../engine/runtime';
import { State } from '../../engine/state';
import type { Tensor } from '../../engine/tensor';
import type { ParameterSet } from '../../nn/parameters';
import { sinCosPositions2d } from '../../nn/positions';
import { channelStatistics } from '../../train/deviceImages';
import type { View } from '../../train/protocol';
import { principalComponents } from '../../train/evaluation/principalComponents';
import { FeatureReader } from './featureReader';
import { decodeShown, encodeShown, shownKeys } from './look';
import { patchCount } from './mae';
import { pixelsOf, standardised } from './pixels';
import { TARGET_EPSILON, type MaeSettings } from './settings';

/** Held-out images that the page shows. */
export const SHOWN = 6;
const MAPPED = 512;

const Masks = v.object({ hidden: v.array(v.array(v.number())) });
const Attention = v.object({ image: v.number(), patch: v.number(), hidden: v.array(v.number()) });

interface LookPlan {
  readonly plan: Plan;
  readonly pixels: State;
  readonly hidden: State;
}

type Views = Readonly<Record<string, View>>;

export class Viewer {
  private looking: Promise<LookPlan> | undefined;
  private attending: Promise<LookPlan> | undefined;
  private reader: FeatureReader | undefined;
  private readonly statistics: { mean: number[]; deviation: number[] };

  constructor(
    private readonly runtime: Runtime,
    private readonly parameters: ParameterSet,
    /** Values in the parameters' layout: themselves, or their moving average. */
    private readonly weights: State,
    private readonly settings: MaeSettings,
    private readonly data: ImageSet,
  ) {
    this.statistics = channelStatistics(data);
  }

  /** Throws on an unknown name, and on a request of the wrong form. */
  async view(name: string, request: unknown): Promise<Views> {
    const known: Readonly<Record<string, () => Promise<Views>>> = {
      images: () => Promise.resolve(this.images()),
      reconstruction: () => this.reconstruction(v.parse(Masks, request).hidden),
      attention: () => this.attention(v.parse(Attention, request)),
      filters: () => this.filters(),
      positions: () => Promise.resolve(this.positionSimilarity()),
      features: () => this.featureMap(),
    };
    const made = known[name];
    if (!made) throw new Error(`view "${name}": there is none; there are ${Object.keys(known).join(', ')}`);
    return made();
  }

  private get shown(): number {
    return Math.min(SHOWN, this.data.test.count);
  }

  /** pixels [n, C, S, S] as bytes, labels [n]. */
  private images(): Views {
    const { channels, size, test } = this.data;
    const length = this.shown * channels * size * size;
    return {
      pixels: { shape: [this.shown, channels, size, size], data: test.pixels.slice(0, length) },
      labels: { shape: [this.shown], data: test.labels.slice(0, this.shown) },
    };
  }

  /** Standardised pixels of held-out images from `first` on. */
  private standardised(first: number, count: number): Float32Array {
    const length = this.data.channels * this.data.size ** 2;
    const bytes = this.data.test.pixels.subarray(first * length, (first + count) * length);
    return standardised(bytes, this.settings.shape, this.statistics);
  }

  private lookPlan(): Promise<LookPlan> {
    this.looking ??= (async () => {
      const { shape } = this.settings;
      const { pixels, hidden } = this.inputs(this.shown);
      const source = this.parameters.existing(this.weights);
      const patches = patchify(pixels.tensor(), shape.patch);
      const z = encodeShown(source, shape, patches, hidden.tensor());
      const predicted = decodeShown(source, shape, z, hidden.tensor());
      this.runtime.write(pixels, this.standardised(0, this.shown));
      return { plan: await compile(this.runtime, { outputs: { predicted } }), pixels, hidden };
    })();
    return this.looking;
  }

  private inputs(count: number): { pixels: State; hidden: State } {
    const { shape } = this.settings;
    return {
      pixels: new State('look pixels', [count, shape.channels, shape.size, shape.size]),
      hidden: new State('look hidden', [count, patchCount(shape)]),
    };
  }

  /**
   * Reconstruction of the shown images under the masks given: pixels [n, C, S, S] in 0…1, and the mean squared error of each hidden
   * patch [n, L]. With a normalised target the patch's own mean and contrast are put back, which the model did not predict: `leaks`.
   */
  private async reconstruction(masks: readonly (readonly number[])[]): Promise<Views> {
    const { shape, normalisedTarget } = this.settings;
    const look = await this.lookPlan();
    const count = patchCount(shape);
    const hidden = new Float32Array(this.shown * count);
    masks.slice(0, this.shown).forEach((mask, i) => hidden.set(mask.slice(0, count), i * count));
    this.runtime.write(look.hidden, hidden);
    look.plan.run();
    const predicted = await look.plan.read('predicted');
    const truth = this.standardised(0, this.shown);
    const epsilon = normalisedTarget ? TARGET_EPSILON : undefined;
    const pixels = pixelsOf(Float32Array.from(predicted), truth, shape, this.statistics, epsilon);
    return {
      pixels: { shape: [this.shown, shape.channels, shape.size, shape.size], data: pixels },
      leaks: { shape: [1], data: Uint8Array.of(normalisedTarget ? 1 : 0) },
    };
  }

  /** Rows of the encoder's attention maps for one patch of one image: [depth, heads, L]. Hidden patches have weight 0. */
  private async attention(request: v.InferOutput<typeof Attention>): Promise<Views> {
    const { shape } = this.settings;
    const plan = await this.attentionPlan();
    this.runtime.write(plan.pixels, this.standardised(Math.min(request.image, this.shown - 1), 1));
    this.runtime.write(plan.hidden, Float32Array.from(request.hidden.slice(0, patchCount(shape))));
    plan.plan.run();
    const first = shape.classToken ? 1 : 0;
    const tokens = patchCount(shape) + first;
    const rows: number[] = [];
    for (let layer = 0; layer < shape.depth; layer++) {
      const map = await plan.plan.read(`layer ${layer}`);
      for (let head = 0; head < shape.heads; head++) {
        const start = (head * tokens + request.patch + first) * tokens + first;
        rows.push(...map.slice(start, start + patchCount(shape)));
      }
    }
    return { weights: { shape: [shape.depth, shape.heads, patchCount(shape)], data: Float32Array.from(rows) } };
  }

  private attentionPlan(): Promise<LookPlan> {
    this.attending ??= (async () => {
      const { shape } = this.settings;
      const { pixels, hidden } = this.inputs(1);
      const layers: Tensor[] = [];
      encodeShown(
        this.parameters.existing(this.weights),
        shape,
        patchify(pixels.tensor(), shape.patch),
        hidden.tensor(),
        (qkv) => layers.push(qkv),
      );
      // In the symmetric design mask tokens take part in attention.
      const keyMask = shape.symmetric ? undefined : shownKeys(shape, hidden.tensor());
      const maps = layers.map(
        (qkv, i) => [`layer ${i}`, attentionMap(qkv, { heads: shape.heads, ...(keyMask && { keyMask }) })] as const,
      );
      return { plan: await compile(this.runtime, { outputs: Object.fromEntries(maps) }), pixels, hidden };
    })();
    return this.attending;
  }

  /** The patch embedding's filters [D, C, p, p]. */
  private async filters(): Promise<Views> {
    const { channels, patch, width } = this.settings.shape;
    const weight = this.parameters.find('patchEmbed.weight');
    const values = await this.runtime.read(this.weights, weight.offset, weight.size); // [P, D]
    const out = new Float32Array(weight.size);
    for (let d = 0; d < width; d++) {
      for (let k = 0; k < patch * patch * channels; k++) {
        const [c, pixel] = [k % channels, Math.floor(k / channels)];
        out[(d * channels + c) * patch * patch + pixel] = values[k * width + d] ?? 0;
      }
    }
    return { filters: { shape: [width, channels, patch, patch], data: out } };
  }

  /** Cosine similarity of every pair of positions [L, L]. */
  private positionSimilarity(): Views {
    const { size, patch, width } = this.settings.shape;
    const grid = size / patch;
    const table = sinCosPositions2d(width, grid, false);
    const count = grid * grid;
    const out = new Float32Array(count * count);
    // Every row has length √(width/2): sin² + cos² = 1 for each frequency.
    for (let a = 0; a < count; a++) {
      for (let b = 0; b < count; b++) {
        let dot = 0;
        for (let i = 0; i < width; i++) dot += (table[a * width + i] ?? 0) * (table[b * width + i] ?? 0);
        out[a * count + b] = dot / (width / 2);
      }
    }
    return { similarity: { shape: [count, count], data: out } };
  }

  /** Encoder features of held-out images on their first two principal components: points [n, 2], labels [n]. */
  private async featureMap(): Promise<Views> {
    this.reader ??= new FeatureReader(this.runtime, this.parameters.existing(this.weights), this.settings, this.data);
    const features = await this.reader.read('test', MAPPED);
    const points = await principalComponents(this.runtime, features);
    return {
      points: { shape: [features.count, 2], data: points },
      labels: { shape: [features.count], data: features.labels },
    };
  }

  dispose(): void {
    for (const made of [this.looking, this.attending]) {
      void made?.then(({ plan, pixels, hidden }) => {
        plan.dispose();
        this.runtime.release(pixels);
        this.runtime.release(hidden);
      });
    }
    this.reader?.dispose();
  }
}
