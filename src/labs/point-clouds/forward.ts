/** The trained network on clouds from the host: distorted on the device as the sliders say, evaluated by the running statistics. */
import {
  augmentPoints,
  DISTORTION_NUMBERS,
  distortionNumbers,
  type PointDistortion,
} from '../../engine/ops/augmentPoints';
import { compile, type Plan } from '../../engine/plan';
import type { Runtime } from '../../engine/runtime';
import { State } from '../../engine/state';
import type { Tensor } from '../../engine/tensor';
import type { ParameterSource } from '../../nn/parameters';
import { emptyCloud, type Cloud } from '../../data/cloud';
import { FRAME } from './data/blocks';
import { network, type CloudBatch } from './network';
import type { NetworkShape } from './networkShape';
import { takesNormals } from './settings';
import { saliency } from './saliency';
import { splitNormals } from './training';

/** A cloud to look at, with what a network may want to know of it. */
export interface SeenCloud {
  readonly cloud: Cloud;
  /** Its class, where parts are asked for. */
  readonly category?: number;
  /** Of a block of a room, six numbers. */
  readonly frame?: ArrayLike<number>;
}

export interface Seen {
  /** [B, N, 3] as the network saw them. */
  readonly points: Float32Array;
  /** [B, N]: which of the given points each was; N or more for an outlier. */
  readonly source: Uint32Array;
  /** [B, outputs] or [B, N, outputs]. */
  readonly logits: Float32Array;
  /** What was tapped, by name. */
  readonly taps: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly data: Float32Array | Uint32Array }>
  >;
}

/** One compiled form: so many clouds of so many points. */
export class Forward {
  private readonly clouds: State;
  private readonly frames: State;
  private readonly category: State;
  private readonly strength: State;
  private readonly seed: State;
  private readonly step: State;
  private readonly tapShapes = new Map<string, readonly number[]>();
  private plan: Promise<Plan> | undefined;

  constructor(
    private readonly runtime: Runtime,
    private readonly source: ParameterSource,
    private readonly shape: NetworkShape,
    readonly form: {
      readonly batch: number;
      readonly points: number;
      /** Names of tensors on the way to be read as well. */
      readonly taps: readonly string[];
    },
  ) {
    const { batch: B, points: N } = form;
    this.clouds = new State('seen clouds', [B, N, takesNormals(shape) ? 6 : 3]);
    this.frames = new State('seen frames', [B, FRAME]);
    this.category = new State('seen categories', [B], 'u32');
    this.strength = new State('seen distortion', [DISTORTION_NUMBERS]);
    this.seed = new State('seen seed', [], 'u32');
    this.step = new State('seen step', [], 'u32');
  }

  /**
   * B clouds at most; each gives its first N points, repeated from the first where it has fewer. The distortion's chance is a function
   * of `seed` and `step`.
   */
  async see(
    seen: readonly SeenCloud[],
    distortion: PointDistortion,
    { seed = 1, step = 0 }: { readonly seed?: number; readonly step?: number } = {},
  ): Promise<Seen> {
    const { batch: B, points: N } = this.form;
    if (seen.length > B || seen.length === 0) throw new Error(`forward: ${seen.length} clouds for a form of ${B}`);
    this.plan ??= this.compile();
    const plan = await this.plan;
    const D = this.clouds.shape[2] ?? 3;
    const rows = new Float32Array(B * N * D);
    const frames = new Float32Array(B * FRAME);
    const categories = new Uint32Array(B);
    for (let b = 0; b < B; b++) {
      const { cloud, category = 0, frame } = seen[b] ?? seen[0] ?? { cloud: emptyCloud(1) };
      const count = Math.max(1, cloud.parts.length);
      for (let i = 0; i < N; i++) {
        const [to, from] = [(b * N + i) * D, 3 * (i % count)];
        for (let c = 0; c < 3; c++) {
          rows[to + c] = cloud.points[from + c] ?? 0;
          if (D === 6) rows[to + 3 + c] = cloud.normals[from + c] ?? 0;
        }
      }
      if (frame) frames.set(Array.from(frame).slice(0, FRAME), b * FRAME);
      categories[b] = category;
    }
    const { runtime } = this;
    runtime.write(this.clouds, rows);
    runtime.write(this.frames, frames);
    runtime.write(this.category, categories);
    runtime.write(this.strength, distortionNumbers(distortion));
    runtime.write(this.seed, Uint32Array.of(seed));
    runtime.write(this.step, Uint32Array.of(step));
    plan.run();
    const floats = async (name: string) => Float32Array.from(await plan.read(name));
    const taps: Record<string, { shape: readonly number[]; data: Float32Array | Uint32Array }> = {};
    for (const [name, shape] of this.tapShapes) {
      const data = await plan.read(name);
      taps[name] = { shape, data: data instanceof Float32Array ? data : Uint32Array.from(data) };
    }
    return {
      points: await floats('seen points'),
      source: Uint32Array.from(await plan.read('seen source')),
      logits: await floats('logits'),
      taps,
    };
  }

  private compile(): Promise<Plan> {
    const chance = { seed: this.seed.tensor(), step: this.step.tensor() };
    const moved = augmentPoints(this.clouds.tensor(), chance, this.strength.tensor(), 'look');
    const parts = splitNormals(moved.points);
    const { shape } = this;
    const clouds: CloudBatch = {
      ...parts,
      frames: shape.task === 'scene' ? this.frames.tensor() : undefined,
      category: shape.categories > 0 ? this.category.tensor() : undefined,
    };
    const outputs: Record<string, Tensor> = {};
    const tap = (name: string, tensor: Tensor) => {
      if (!this.form.taps.includes(name)) return;
      outputs[name] = tensor;
      this.tapShapes.set(name, tensor.shape);
    };
    const { logits } = network({ p: this.source, mode: { training: false }, tap }, shape, clouds);
    if (this.form.taps.includes('saliency')) tap('saliency', saliency(logits, parts.points));
    Object.assign(outputs, { 'seen points': parts.points, 'seen source': moved.source, logits });
    return compile(this.runtime, { outputs });
  }

  dispose(): void {
    void this.plan?.then((plan) => plan.dispose());
    for (const state of [this.clouds, this.frames, this.category, this.strength, this.seed, this.step])
      this.runtime.release(state);
  }
}
