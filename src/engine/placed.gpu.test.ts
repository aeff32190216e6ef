import { describe, expect, it } from 'vitest';
import { testRuntime } from '../../tests/helpers/gpu';
import { matmul } from './ops/matmul';
import { square } from './ops/pointwise';
import { philoxNormals } from './philox';
import { compile } from './plan';
import { constant, State } from './state';
import { placeOp } from './ops/reshape';
import type { Tensor } from './tensor';

describe('pieces of a state that their own kernels write', () => {
  it('chains of pieces, each made from the one before, all arrive', async () => {
    const runtime = await testRuntime();
    const flat = new State('flat', [4 * 64]);
    const x = constant(philoxNormals(64, 1, 'x'), [8, 8]);
    const pieces = [matmul(x, x)];
    for (let i = 1; i < 4; i++)
      pieces.push(i % 2 ? square(pieces[i - 1] as Tensor) : matmul(pieces[i - 1] as Tensor, x));
    const all = placeOp.one([flat.tensor(), ...pieces], { offsets: [0, 64, 128, 192] });
    const plan = await compile(runtime, { outputs: { all } });
    plan.run();
    const got = await plan.read('all');
    const separate = await compile(runtime, { outputs: named(pieces) });
    separate.run();
    for (let i = 0; i < 4; i++)
      expect([...got.slice(64 * i, 64 * (i + 1))]).toEqual([...(await separate.read(`${i}`))]);
    plan.dispose();
    separate.dispose();
    runtime.release(flat);
  });

  it('a piece made from the state itself is refused by name', async () => {
    const runtime = await testRuntime();
    const flat = new State('flat', [128]);
    const all = placeOp.one([flat.tensor(), square(flat.slice(64, [64]))], { offsets: [0] });
    await expect(compile(runtime, { outputs: { all } })).rejects.toThrow(
      /state "flat" is read by a kernel that writes/,
    );
  });
});

function named(tensors: readonly (Tensor | undefined)[]): Record<string, Tensor> {
  return Object.fromEntries(tensors.map((t, i) => [String(i), t as Tensor]));
}
