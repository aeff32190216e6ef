/**
 * Features that a network has learned: what a diffusion transformer that ships with the page makes of an image half-way through its
 * blocks, averaged over the patches (Xiang et al. 2023 found such features to tell classes apart). The network is fixed, so that runs of
 * any settings are measured alike: for grey images the one of fashion, for coloured ones that of emoji.
 */
import { mul } from '../../engine/ops/pointwise';
import { mean } from '../../engine/ops/reduce';
import { compile, type Plan } from '../../engine/plan';
import type { Runtime } from '../../engine/runtime';
import { constant, State } from '../../engine/state';
import type { Tensor } from '../../engine/tensor';
import { ParameterSet } from '../../nn/parameters';
import type { PointSample } from '../../train/evaluation/slicedWasserstein';
import type { DitShape } from './dit';
import { network } from './network';
import { importDiffusion, readDiffusionFacts } from './onnx';
import { hostArithmetic } from './process/arithmetic';
import { frameworks } from './process/framework';
import { trainingTerms } from './process/training';

/** The noise level that the network is told; none is added, so that one image has one feature. */
const SIGMA = 0.1;
const BATCH = 32;

export class LearnedFeatures {
  private constructor(
    private readonly runtime: Runtime,
    private readonly shape: DitShape,
    private readonly images: State,
    private readonly parameters: ParameterSet,
    private readonly plan: Plan,
  ) {}

  /** From a file that `exportDiffusion` wrote of a diffusion transformer. Throws where it is another network. */
  static async open(runtime: Runtime, bytes: Uint8Array): Promise<LearnedFeatures> {
    const { network: shape, preconditioning, sigmaData } = readDiffusionFacts(bytes);
    if (shape.kind !== 'dit')
      throw new Error('learned features: the model is no diffusion transformer; take one that is');
    const { edm } = frameworks;
    const process = { ...edm, preconditioning, constants: { ...edm.constants, sigmaData } };
    const { input, label } = trainingTerms(hostArithmetic, process, SIGMA);
    const images = new State('measured images', [BATCH, shape.channels, shape.size, shape.size]);
    const parameters = new ParameterSet(1);
    let features: Tensor | undefined;
    network(
      parameters,
      shape,
      mul(images.tensor(), input),
      constant(new Float32Array(BATCH).fill(label), [BATCH]),
      1,
      {
        labels: constant(new Uint32Array(BATCH), [BATCH], 'u32'),
        dropped: constant(new Float32Array(BATCH).fill(1), [BATCH]),
      },
      (tokens) => (features = mean(tokens, [1])), // [B, L, D] → [B, D]
    );
    if (!features) throw new Error('learned features: the network has no blocks');
    const { parameters: weights } = importDiffusion(bytes, { network: shape, process });
    const plan = await compile(runtime, { outputs: { features } });
    runtime.write(parameters.values, parameters.join(weights, parameters.initialValues()));
    return new LearnedFeatures(runtime, shape, images, parameters, plan);
  }

  /** Images [n, C, S, S] in −1…1, brought to the network's size → [n, D]. Throws where the channels are not the network's. */
  async of({ points, count, width }: PointSample, size: number): Promise<PointSample> {
    const { channels, size: side } = this.shape;
    if (width !== channels * size * size)
      throw new Error(`learned features: images of ${width} numbers; the network takes ${channels} channels`);
    const scaled = resized(points, count * channels, size, side);
    const each = channels * side * side;
    const made: Float32Array[] = [];
    for (let first = 0; first < count; first += BATCH) {
      this.runtime.write(this.images, scaled.subarray(first * each, Math.min(count, first + BATCH) * each));
      this.plan.run();
      made.push(Float32Array.from(await this.plan.read('features')));
    }
    const features = made[0] ? made[0].length / BATCH : 0;
    const all = new Float32Array(made.length * BATCH * features);
    made.forEach((part, i) => all.set(part, i * part.length));
    return { points: all.subarray(0, count * features), count, width: features };
  }

  dispose(): void {
    this.plan.dispose();
    this.runtime.release(this.images);
    this.runtime.release(this.parameters.values);
  }
}

/** Planes [n, from, from] as [n, to, to], each pixel the mean of the area that it covers. */
export function resized(planes: Float32Array, count: number, from: number, to: number): Float32Array {
  if (from === to) return planes;
  // Share of each old pixel in each new one, along an axis: rows [to] of [from], each with sum 1.
  const shares = Array.from({ length: to }, (_, i) => {
    const [low, high] = [(i * from) / to, ((i + 1) * from) / to];
    return Float64Array.from(
      { length: from },
      (_, k) => Math.max(0, Math.min(high, k + 1) - Math.max(low, k)) / (high - low),
    );
  });
  const out = new Float32Array(count * to * to);
  const rows = new Float64Array(from * to);
  for (let n = 0; n < count; n++) {
    const at = n * from * from;
    for (let y = 0; y < from; y++)
      shares.forEach((share, x) => {
        let sum = 0;
        for (let k = 0; k < from; k++) sum += (share[k] ?? 0) * (planes[at + y * from + k] ?? 0);
        rows[y * to + x] = sum;
      });
    shares.forEach((share, y) => {
      for (let x = 0; x < to; x++) {
        let sum = 0;
        for (let k = 0; k < from; k++) sum += (share[k] ?? 0) * (rows[k * to + x] ?? 0);
        out[(n * to + y) * to + x] = sum;
      }
    });
  }
  return out;
}
