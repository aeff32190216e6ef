/** Flow networks for the claim on straight paths: plain flow matching, and a reflow on pairs of a flow's noise and its end. */
import { gatherRows } from '../../../engine/ops/gather';
import { add, mul, square, sub } from '../../../engine/ops/pointwise';
import { batchIndices, randomUniform } from '../../../engine/ops/random';
import { mean } from '../../../engine/ops/reduce';
import { State } from '../../../engine/state';
import type { Config } from '../../../train/control';
import { network } from '../network';
import { tensorArithmetic } from '../process/arithmetic';
import { preconditionings } from '../process/preconditioning';
import { drawSigma } from '../process/training';
import { schedules } from '../process/schedule';
import { perSample } from '../training';
import { TOY } from './shared';
import { trainNetwork, type Training, type TrainedNetwork } from './trainedNetwork';

/** Plain flow matching with uniform time, as a config that the lab can open. */
export function flowConfig(seed: number): Config {
  return { ...TOY, framework: 'flow', batch: 256, lr: 0.001, width: 128, depth: 3, seed };
}

/** Noise [n, 2] and where a flow takes it [n, 2]. */
export interface Pairs {
  readonly noise: Float32Array;
  readonly ends: Float32Array;
}

/**
 * The network of flowConfig on pairs: x = (1 − t) x₀ + t z with z and x₀ = the flow's end of z drawn together, target z − x₀
 * (Liu, Gong & Liu 2023).
 */
export function trainReflow(training: Omit<Training, 'losses' | 'reads'>, pairs: Pairs): Promise<TrainedNetwork> {
  const count = pairs.noise.length / 2;
  const [noise, ends] = [pairs.noise, pairs.ends].map((data) => new State('reflow pairs', [count, 2], 'f32', data));
  if (!noise || !ends) throw new Error('reflow: the pairs are missing');
  return trainNetwork({
    ...training,
    reads: [noise, ends],
    losses: (p, { process, network: shape, batch }, { seed, step }) => {
      const rows = batchIndices(seed, step, { count, batch, stream: 'batch' });
      const [z, x0] = [gatherRows(noise.tensor(), rows), gatherRows(ends.tensor(), rows)];
      const draw = randomUniform(seed, step, [batch], 'noise level');
      const t = schedules.flow.time(tensorArithmetic, drawSigma(tensorArithmetic, process, draw), process.constants);
      const velocity = sub(z, x0);
      const x = add(x0, mul(perSample(t, x0), velocity));
      const u = network(p, shape, x, t, preconditionings.flow.labelSpan);
      return mean(square(sub(u, velocity)), [1]);
    },
  });
}
