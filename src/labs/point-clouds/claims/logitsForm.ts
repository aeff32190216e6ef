import { compile, type Plan } from '../../../engine/plan';
import type { Runtime } from '../../../engine/runtime';
import { State } from '../../../engine/state';
import type { Tensor } from '../../../engine/tensor';
import type { Cloud } from '../../../data/cloud';
import type { ParameterSource } from '../../../nn/parameters';
import type { Layers } from '../layers';

/** A trained network, as the lab builds it or otherwise, on B clouds of N points that nothing distorts. */
export class LogitsForm {
  private constructor(
    private readonly runtime: Runtime,
    private readonly clouds: State,
    private readonly plan: Plan,
  ) {}

  /** `logits`: points [B, N, 3] → [B, outputs], by the running statistics. */
  static async open(
    runtime: Runtime,
    source: ParameterSource,
    { batch, points }: { readonly batch: number; readonly points: number },
    logits: (l: Layers, points: Tensor) => Tensor,
  ): Promise<LogitsForm> {
    const clouds = new State('clouds', [batch, points, 3]);
    const outputs = { logits: logits({ p: source, mode: { training: false } }, clouds.tensor()) };
    return new LogitsForm(runtime, clouds, await compile(runtime, { outputs }));
  }

  /** Of the first N points of each cloud; clouds that are missing are zeros. */
  async of(clouds: readonly Cloud[]): Promise<Float32Array> {
    const [B = 1, N = 1] = this.clouds.shape;
    const rows = new Float32Array(B * N * 3);
    clouds.slice(0, B).forEach((cloud, b) => rows.set(cloud.points.subarray(0, 3 * N), 3 * N * b));
    this.runtime.write(this.clouds, rows);
    this.plan.run();
    return Float32Array.from(await this.plan.read('logits'));
  }

  dispose(): void {
    this.plan.dispose();
    this.runtime.release(this.clouds);
  }
}
