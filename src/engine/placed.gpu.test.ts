import { describe, expect, it } from 'vitest';
import { testRuntime } from '../../tests/helpers/gpu';
import { matmul } from './ops/matmul';
import { add, mul, square } from './ops/pointwise';
import { sum } from './ops/reduce';
import { ParameterSet } from '../nn/parameters';
import { Trainer } from '../train/trainer';
import { gradients } from './autodiff';
import { philoxNormals } from './philox';
import { compile } from './plan';
import { constant, State } from './state';
import { placeOp } from './ops/reshape';
import type { Tensor } from './tensor';

const [N, V, D] = [6, 5, 8];
const SETTINGS = { seed: 1, learningRate: 0.01, weightDecay: 0, warmup: 0, total: 1e9, clip: 0, averageDecay: 0 };

describe('pieces of the flat gradient buffer', () => {
  it('are written by their own kernels also where one is made from another', async () => {
    // Learned positions: their gradient is what the gradient of the embedding is made of.
    const runtime = await testRuntime();
    const parameters = new ParameterSet(1);
    const tokens = constant(philoxNormals(N * V, 1, 'tokens'), [1, N, V]);
    const target = constant(philoxNormals(N * D, 1, 'target'), [1, N, D]);
    const embedding = parameters.create('embedding', [V, D], () => philoxNormals(V * D, 1, 'embedding'));
    const positions = parameters.create('positions', [N, D], () => philoxNormals(N * D, 1, 'positions'));
    const x = add(matmul(tokens, embedding), positions);
    const loss = sum(mul(square(x), target));
    const plain = await compile(runtime, { outputs: named(gradients(loss, [embedding, positions])) });
    plain.run();
    const want = [await plain.read('0'), await plain.read('1')];

    const trainer = new Trainer(runtime, parameters, SETTINGS);
    const plan = await trainer.compile(loss);
    plan.run();
    const { firstMoment, step } = await trainer.snapshot();
    expect(step).toBe(1);
    ['embedding', 'positions'].forEach((name, i) => {
      // After one update of AdamW the first moment is a tenth of the gradient.
      const moments = [...(firstMoment.get(name)?.data ?? [])];
      const wanted = [...(want[i] ?? [])].map((g) => 0.1 * g);
      expect(moments.length).toBe(wanted.length);
      moments.forEach((m, k) => expect(m).toBeCloseTo(wanted[k] ?? NaN, 4));
    });
    plain.dispose();
    plan.dispose();
    trainer.dispose();
  });

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
