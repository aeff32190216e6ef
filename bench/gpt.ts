/**
 * A GPT-like training step: 4 layers, width 64, 4 heads, 512 tokens from a vocabulary of 256, causal; AdamW. The tokens are one long
 * sequence, where attention weighs, or eight short ones, where products do.
 */
import { matmul } from '../src/engine/ops/matmul';
import { add } from '../src/engine/ops/pointwise';
import { mean } from '../src/engine/ops/reduce';
import { softmaxCrossEntropy } from '../src/engine/ops/softmaxCrossEntropy';
import { philoxNormals, philoxUniforms } from '../src/engine/philox';
import type { Runtime } from '../src/engine/runtime';
import { constant } from '../src/engine/state';
import { normal } from '../src/nn/initialisers';
import { layerNorm, linear, transformerBlock } from '../src/nn/layers';
import { ParameterSet } from '../src/nn/parameters';
import type { Contest } from './contest';
import { block, linear as peerLinear, norm } from './peerModel';
import type { StepTask } from './stepTask';
import { trainingContestant, weightsOf, type TrainingPeer } from './training';

const [LAYERS, D, HEADS, VOCABULARY] = [4, 64, 4, 256];

interface Sequences {
  readonly B: number;
  readonly N: number;
}

function oneHot(ids: Uint32Array): Float32Array {
  const rows = new Float32Array(ids.length * VOCABULARY);
  ids.forEach((id, i) => (rows[i * VOCABULARY + id] = 1));
  return rows;
}

function ids(name: string, { B, N }: Sequences): Uint32Array {
  return Uint32Array.from(philoxUniforms(B * N, 1, name), (u) => Math.floor(u * VOCABULARY));
}

/** Fixed, small against the blocks' own numbers. */
function positions(N: number): Float32Array {
  return philoxNormals(N * D, 1, 'positions').map((z) => 0.1 * z);
}

function ours(size: Sequences) {
  const { B, N } = size;
  const p = new ParameterSet(1);
  const labels = constant(ids('labels', size), [B, N], 'u32');
  const tokens = constant(oneHot(ids('tokens', size)), [B, N, VOCABULARY]);
  const embedding = p.create('embedding', [VOCABULARY, D], normal(0.02));
  let x = add(matmul(tokens, embedding), constant(positions(N), [N, D]));
  for (let i = 0; i < LAYERS; i++) x = transformerBlock(p, `block.${i}`, x, { heads: HEADS, causal: true });
  const logits = linear(p, 'head', layerNorm(p, 'norm', x), VOCABULARY);
  return { parameters: p, loss: mean(softmaxCrossEntropy(logits, labels)) };
}

function task(size: Sequences): StepTask {
  const { B, N } = size;
  return {
    weights: weightsOf(ours(size).parameters),
    data: {
      positions: { shape: [N, D], data: positions(N) },
      tokens: { shape: [B, N, VOCABULARY], data: oneHot(ids('tokens', size)) },
      labels: { shape: [B, N, VOCABULARY], data: oneHot(ids('labels', size)) },
    },
    loss: (ops, w, data) => {
      let x = ops.add(ops.matmul(data('tokens'), w('embedding')), data('positions'));
      for (let i = 0; i < LAYERS; i++) x = block(ops, w, `block.${i}`, x, { B, N, D, heads: HEADS, causal: true });
      const logits = peerLinear(ops, w, 'head', norm(ops, w, 'norm', x));
      return ops.scale(ops.sum(ops.mul(data('labels'), ops.logSoftmax(logits))), -1 / (B * N));
    },
  };
}

export function gptContest(runtime: Runtime, peers: readonly TrainingPeer[], size: Sequences): Contest {
  const { B, N } = size;
  const products = B * N * (LAYERS * 12 * D * D + 2 * VOCABULARY * D) + B * LAYERS * N * N * D;
  return {
    name: `GPT step (4 layers, width 64, ${B} × ${N} tokens)`,
    flops: 6 * products,
    contestants: async () => {
      const { parameters, loss } = ours(size);
      const shared = task(size);
      return [await trainingContestant(runtime, parameters, loss), ...peers.map((peer) => peer.train(shared))];
    },
  };
}
