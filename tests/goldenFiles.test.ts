import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allOps } from '../src/engine/goldenCheck';
import { HOST_CASES } from '../src/engine/reference/cases';

/** Ops without an oracle file or a loop on the host, and what holds them instead. */
const HELD_OTHERWISE: Readonly<Record<string, string>> = {
  reshape: 'moves nothing',
  stopGradient: 'moves nothing',
  place: 'whole steps against PyTorch: src/labs/masked-images/mae.gpu.test.ts',
  full: 'a constant: every test with one',
  cast: 'masks of whole steps against PyTorch',
  deformCells: 'the gradients of deformConv',
};

describe('oracle files', () => {
  it('there is one for every op, or a loop on the host, or a reason why not', () => {
    const golden = readdirSync(join(import.meta.dirname, 'golden')).map((name) => name.replace('.json', ''));
    const files = new Set([...golden, ...HOST_CASES.map((file) => file.op)]);
    // A gradient's kernel is driven by the gradients in its op's file.
    const missing = [...allOps().keys()].filter(
      (op) => !files.has(op) && !/(Grad|Slope)$/.test(op) && !(op in HELD_OTHERWISE),
    );
    expect(missing).toEqual([]);
  });
});
