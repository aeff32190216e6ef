/**
 * One step of the masked-images lab at its defaults. Batch and mask are fixed, so that all engines see the same ones: ours sorts the keys
 * on the device as in the lab, peers are handed the result of the sorting, and fill in mask tokens by a product with 0 and 1.
 */
import { philoxNormals, philoxUniforms } from '../src/engine/philox';
import type { Runtime } from '../src/engine/runtime';
import { constant } from '../src/engine/state';
import { settingsOf } from '../src/labs/masked-images/settings';
import { patchCount, patchLength, trunkMacs, visibleCount } from '../src/labs/masked-images/mae';
import { meta } from '../src/labs/masked-images/meta';
import { trainingLoss } from '../src/labs/masked-images/training';
import { ParameterSet } from '../src/nn/parameters';
import { sinCosPositions2d } from '../src/nn/positions';
import { labDefaults } from '../src/train/lab';
import type { Contest } from './contest';
import { block, linear, norm } from './peerModel';
import type { StepTask } from './stepTask';
import { trainingContestant, weightsOf, type TrainingPeer } from './training';

/** No pixels: the batch is given. */
const nothing = { pixels: new Uint8Array(0), labels: new Uint8Array(0), count: 1024 };
const DATA = { id: 'bench', channels: 1, size: 28, classes: [], train: nothing, test: nothing };
const SETTINGS = settingsOf(labDefaults(meta), DATA);
const { shape: SHAPE, batch: B } = SETTINGS;
const L = patchCount(SHAPE);
const P = patchLength(SHAPE);
const K = visibleCount(L, SETTINGS.maskRatio);

const patches = () => philoxNormals(B * L * P, 1, 'patches');
const keys = () => philoxUniforms(B * L, 1, 'keys');

function ours() {
  const parameters = new ParameterSet(1);
  const batch = { patches: constant(patches(), [B, L, P]), keys: constant(keys(), [B, L]) };
  return { parameters, loss: trainingLoss(parameters, SETTINGS, batch, K) };
}

/** The K smallest keys of each image, in order. */
function kept(): number[][] {
  const all = keys();
  return Array.from({ length: B }, (_, b) => {
    const row = all.subarray(b * L, (b + 1) * L);
    return Array.from(row.keys())
      .sort((i, j) => (row[i] ?? 0) - (row[j] ?? 0))
      .slice(0, K);
  });
}

function rowsOf(table: Float32Array, width: number, index: (b: number, i: number) => number): Float32Array {
  return Float32Array.from({ length: B * K * width }, (_, at) => {
    const [b, k, c] = [Math.floor(at / (K * width)), Math.floor(at / width) % K, at % width];
    return table[index(b, k) * width + c] ?? NaN;
  });
}

function data(): StepTask['data'] {
  const { width, decoderWidth, size, patch } = SHAPE;
  const [ids, all] = [kept(), patches()];
  const keep = (b: number, k: number) => ids[b]?.[k] ?? NaN;
  const spread = new Float32Array(B * L * K);
  const removed = new Float32Array(B * L).fill(1);
  ids.forEach((row, b) =>
    row.forEach((id, k) => {
      spread[(b * L + id) * K + k] = 1;
      removed[b * L + id] = 0;
    }),
  );
  const at = (w: number) => sinCosPositions2d(w, size / patch, false);
  return {
    visible: { shape: [B, K, P], data: rowsOf(all, P, (b, k) => b * L + keep(b, k)) },
    places: { shape: [B, K, width], data: rowsOf(at(width), width, keep) },
    spread: { shape: [B, L, K], data: spread },
    removed: { shape: [B, L, 1], data: removed },
    decoderPlaces: { shape: [L, decoderWidth], data: at(decoderWidth) },
    target: { shape: [B, L, P], data: all },
    ones: { shape: [B, 1, 1], data: new Float32Array(B).fill(1) },
  };
}

const loss: StepTask['loss'] = (ops, w, given) => {
  const { width: D, depth, heads, decoderWidth: d, decoderDepth, decoderHeads } = SHAPE;
  const encoder = { B, N: K + 1, D, heads, causal: false };
  const decoder = { B, N: L + 1, D: d, heads: decoderHeads, causal: false };
  const cls = ops.mul(given('ones'), w('classToken'));
  let x = ops.concat(cls, ops.add(linear(ops, w, 'patchEmbed', given('visible')), given('places')));
  for (let i = 0; i < depth; i++) x = block(ops, w, `encoder.${i}`, x, encoder);
  const z = linear(ops, w, 'decoder.embed', norm(ops, w, 'encoder.norm', x));
  const masked = ops.mul(given('removed'), w('decoder.maskToken'));
  const full = ops.add(ops.matmul(given('spread'), ops.rows(z, [B, K + 1, d], 1, K + 1)), masked);
  x = ops.concat(ops.rows(z, [B, K + 1, d], 0, 1), ops.add(full, given('decoderPlaces')));
  for (let i = 0; i < decoderDepth; i++) x = block(ops, w, `decoder.${i}`, x, decoder);
  const head = linear(ops, w, 'decoder.head', norm(ops, w, 'decoder.norm', x));
  const predicted = ops.rows(head, [B, L + 1, P], 1, L + 1);
  const error = ops.sub(predicted, given('target'));
  return ops.scale(ops.sum(ops.mul(ops.mul(error, error), given('removed'))), 1 / (B * (L - K) * P));
};

export function maeContest(runtime: Runtime, peers: readonly TrainingPeer[]): Contest {
  const { width, depth, decoderWidth, decoderDepth } = SHAPE;
  const ends = K * P * width + (K + 1) * width * decoderWidth + (L + 1) * decoderWidth * P;
  const macs = trunkMacs(K + 1, width, depth) + trunkMacs(L + 1, decoderWidth, decoderDepth) + ends;
  return {
    name: 'MAE step (the lab’s defaults)',
    flops: 6 * B * macs,
    contestants: async () => {
      const { parameters, loss: ourLoss } = ours();
      const task: StepTask = { weights: weightsOf(ours().parameters), data: data(), loss };
      return [await trainingContestant(runtime, parameters, ourLoss), ...peers.map((peer) => peer.train(task))];
    },
  };
}
