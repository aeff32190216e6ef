import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allOps } from '../src/engine/goldenCheck';

/** Ops without an oracle file, and what holds them instead. */
const HELD_OTHERWISE: Readonly<Record<string, string>> = {
  reshape: 'moves nothing',
  stopGradient: 'moves nothing',
  place: 'whole steps against PyTorch: src/labs/masked-images/mae.gpu.test.ts',
  full: 'a constant: every test with one',
  cast: 'masks of whole steps against PyTorch',
  randomUniform: 'the host’s Philox, which has test vectors: src/engine/ops/random.gpu.test.ts',
  randomNormal: 'the host’s Philox: src/engine/ops/random.gpu.test.ts',
  batchIndices: 'permutations: src/engine/ops/random.gpu.test.ts',
  maskKeys: 'permutations: src/engine/ops/random.gpu.test.ts',
  imageBatch: 'whole runs on shipped images',
  labelBatch: 'fine-tuning on shipped labels',
  shiftFlip: 'a plain loop: src/engine/ops/shiftFlip.gpu.test.ts',
  splats: 'a plain loop: src/engine/ops/splats.gpu.test.ts',
  augmentPoints: 'what each distortion must keep: src/engine/ops/augmentPoints.gpu.test.ts',
  deformCells: 'the gradients of deformConv',
  pointBatch: 'words that are known: src/engine/ops/pointBatch.gpu.test.ts',
};

describe('oracle files', () => {
  it('there is one for every op, or a reason why not', () => {
    const files = new Set(readdirSync(join(import.meta.dirname, 'golden')).map((name) => name.replace('.json', '')));
    // A gradient's kernel is driven by the gradients in its op's file.
    const missing = [...allOps().keys()].filter(
      (op) => !files.has(op) && !/(Grad|Slope)$/.test(op) && !(op in HELD_OTHERWISE),
    );
    expect(missing).toEqual([]);
  });
});
