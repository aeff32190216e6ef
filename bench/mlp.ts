/** Layer norm and MLP with its residual, forward and gradient by its input: 512 rows, width 64, hidden 256. */
import { gradients } from '../src/engine/autodiff';
import { add, mul } from '../src/engine/ops/pointwise';
import { sum } from '../src/engine/ops/reduce';
import { philoxNormals } from '../src/engine/philox';
import type { Runtime } from '../src/engine/runtime';
import { layerNorm, mlp } from '../src/nn/layers';
import { ParameterSet } from '../src/nn/parameters';
import type { Contest } from './contest';
import { contestant, input } from './glimpse';
import { mlpBlock } from './peerModel';
import type { StepTask } from './stepTask';
import { weightsOf, type TrainingPeer } from './training';

const [N, D] = [512, 64];

function ours() {
  const parameters = new ParameterSet(1);
  const x = input('x', [1, N, D], philoxNormals(N * D, 1, 'x'));
  const y = add(x, mlp(parameters, 'mlp', layerNorm(parameters, 'mlp.norm2', x), 4 * D));
  const [dx] = gradients(sum(mul(y, input('g', y.shape, philoxNormals(N * D, 1, 'g')))), [x]);
  if (!dx) throw new Error('bench: the block has no gradient');
  return { parameters, dx };
}

function task(): StepTask {
  const weights = weightsOf(ours().parameters);
  weights.set('x', { shape: [1, N, D], data: philoxNormals(N * D, 1, 'x') });
  return {
    weights,
    data: { g: { shape: [1, N, D], data: philoxNormals(N * D, 1, 'g') } },
    loss: (ops, w, data) => ops.sum(ops.mul(mlpBlock(ops, w, 'mlp', w('x')), data('g'))),
  };
}

export function mlpContest(runtime: Runtime, peers: readonly TrainingPeer[]): Contest {
  return {
    name: 'layerNorm + MLP, forward + backward',
    flops: 4 * 2 * N * 4 * D * D,
    contestants: async () => {
      const shared = task();
      return [await contestant(runtime, ours().dx), ...peers.map((peer) => peer.slope(shared))];
    },
  };
}
