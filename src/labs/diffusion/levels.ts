/** The training loss by noise level: what each step's samples say, averaged over the last steps. */
import { concat } from '../../engine/ops/concat';
import { ema } from '../../engine/ops/ema';
import { greater, less, log, mul } from '../../engine/ops/pointwise';
import { sum } from '../../engine/ops/reduce';
import { reshape } from '../../engine/ops/reshape';
import type { Runtime } from '../../engine/runtime';
import { constant, State } from '../../engine/state';
import type { Node, Tensor } from '../../engine/tensor';

/** Bins of ln σ, half a unit each, from σ = 0.0018 to 150. */
const BINS = 24;
const [LOWEST, HIGHEST] = [-6.3, 5];
const WIDTH = (HIGHEST - LOWEST) / BINS;
/** What is left of a step's share after each later step. */
const DECAY = 0.98;

export class LevelStatistics {
  /** Sums of losses by bin, then counts. */
  private readonly state = new State('losses by level', [2 * BINS]);

  /** Effect that takes a step's losses [B] at σ [B] in. */
  update(losses: Tensor, sigma: Tensor): Node {
    const edges = (shift: number) =>
      constant(
        Array.from({ length: BINS }, (_, i) => LOWEST + (i + shift) * WIDTH),
        [1, BINS],
      );
    const level = reshape(log(sigma), [sigma.shape[0] ?? 1, 1]);
    const inside = mul(greater(level, edges(0)), less(level, edges(1))); // [B, bins]
    const column = reshape(losses, [losses.shape[0] ?? 1, 1]);
    const value = concat([sum(mul(inside, column), [0]), sum(inside, [0])], 0);
    return ema(this.state.tensor(), value, constant(DECAY, []));
  }

  /** Middle of each bin that has been seen, and the mean loss there. */
  async read(runtime: Runtime): Promise<{ sigmas: Float32Array; losses: Float32Array }> {
    const values = await runtime.read(this.state);
    const seen = Array.from({ length: BINS }, (_, i) => i).filter((i) => (values[BINS + i] ?? 0) > 1e-3);
    return {
      sigmas: Float32Array.from(seen, (i) => Math.exp(LOWEST + (i + 0.5) * WIDTH)),
      losses: Float32Array.from(seen, (i) => (values[i] ?? 0) / (values[BINS + i] ?? 1)),
    };
  }

  release(runtime: Runtime): void {
    runtime.release(this.state);
  }
}
