/** One-step estimates D(x̄; σ) of the model, for any number of samples, each at a level of its own. */
import { add, mul } from '../../engine/ops/pointwise';
import { reshape } from '../../engine/ops/reshape';
import { concat } from '../../engine/ops/concat';
import { full } from '../../engine/ops/pointwise';
import { compile, type Plan } from '../../engine/plan';
import type { Runtime } from '../../engine/runtime';
import { State } from '../../engine/state';
import { sizeOf } from '../../engine/tensor';
import type { SampledModel } from './model';
import { tensorArithmetic } from './process/arithmetic';
import type { Process } from './process/framework';
import { trainingTerms } from './process/training';
import { perSample } from './training';

export class Denoiser {
  private readonly x: State;
  private readonly sigma: State;
  private readonly labels: State;
  private readonly dropped: State;
  private plan: Promise<Plan> | undefined;

  constructor(
    private readonly runtime: Runtime,
    private readonly model: SampledModel,
    private readonly process: Process,
    private readonly batch: number,
  ) {
    this.x = new State('denoiser x', [batch, ...model.sample]);
    this.sigma = new State('denoiser sigma', [batch]);
    this.labels = new State('denoiser labels', [batch], 'u32');
    this.dropped = new State('denoiser dropped', [batch]);
  }

  /** D [n, …sample] of x̄ [n, …sample] at σ [n]; without labels, of no class. Throws where lengths do not fit. */
  async denoise(noised: Float32Array, sigmas: ArrayLike<number>, labels?: ArrayLike<number>): Promise<Float32Array> {
    const size = sizeOf(this.model.sample);
    const count = sigmas.length;
    if (noised.length !== count * size)
      throw new Error(`denoiser: ${noised.length} numbers for ${count} samples of ${size}; give one σ for each sample`);
    this.plan ??= this.compile();
    const plan = await this.plan;
    const out = new Float32Array(noised.length);
    for (let first = 0; first < count; first += this.batch) {
      const here = Math.min(this.batch, count - first);
      this.runtime.write(this.x, noised.subarray(first * size, (first + here) * size));
      // The rest of the last batch is left at what it was: nobody reads it, but σ must not be 0.
      const level = new Float32Array(this.batch).fill(1);
      for (let i = 0; i < here; i++) level[i] = sigmas[first + i] ?? 1;
      this.runtime.write(this.sigma, level);
      this.runtime.write(
        this.labels,
        Uint32Array.from({ length: this.batch }, (_, i) => labels?.[first + i] ?? 0),
      );
      this.runtime.write(this.dropped, new Float32Array(this.batch).fill(labels ? 0 : 1));
      plan.run();
      const d = await plan.read('denoised');
      out.set(d.subarray(0, here * size), first * size);
    }
    return out;
  }

  private compile(): Promise<Plan> {
    const { model, process, batch } = this;
    const [x, sigma] = [this.x.tensor(), this.sigma.tensor()];
    const condition = model.classes > 0 ? { labels: this.labels.tensor(), dropped: this.dropped.tensor() } : undefined;
    const terms = trainingTerms(tensorArithmetic, process, sigma);
    const level = concat([full([batch, 1], 1), reshape(sigma, [batch, 1])], 1);
    if (model.exact)
      return compile(this.runtime, { outputs: { denoised: model.apply(x, terms.label, level, condition) } });
    const f = model.apply(mul(perSample(terms.input, x), x), terms.label, level, condition);
    const denoised = add(mul(perSample(terms.skip, x), x), mul(perSample(terms.out, x), f));
    return compile(this.runtime, { outputs: { denoised } });
  }

  dispose(): void {
    void this.plan?.then((plan) => plan.dispose());
    for (const state of [this.x, this.sigma, this.labels, this.dropped]) this.runtime.release(state);
  }
}
