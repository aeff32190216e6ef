import { describe, expect, it } from 'vitest';
import { gradients } from '../engine/autodiff';
import { matmul } from '../engine/ops/matmul';
import { add, mul, square } from '../engine/ops/pointwise';
import { sum } from '../engine/ops/reduce';
import { philoxNormals } from '../engine/philox';
import { compile } from '../engine/plan';
import { constant } from '../engine/state';
import { ParameterSet } from '../nn/parameters';
import { testRuntime } from '../../tests/helpers/gpu';
import { Trainer } from './trainer';

const SETTINGS = { seed: 1, learningRate: 0.1, weightDecay: 0.1, warmup: 0, total: 100, clip: 1 };

describe('the optimiser', () => {
  it.each([0, 0.9])('takes at most three dispatches for all parameters, with an average of decay %d', async (decay) => {
    const runtime = await testRuntime();
    const parameters = new ParameterSet(1);
    const weights = ['a', 'b', 'c'].map((name) => parameters.create(name, [7, 5], () => new Float32Array(35).fill(1)));
    const [first, ...rest] = weights.map((w) => sum(square(w)));
    if (!first) throw new Error('no weights');
    const trainer = new Trainer(runtime, parameters, { ...SETTINGS, averageDecay: decay });
    const plan = await trainer.compile(first, { rest: rest[0] ?? first });
    const optimiser = plan.dispatches.filter((d) => /gradientNorm|adamw|ema/i.test(d.shader));
    expect(optimiser.length).toBeGreaterThanOrEqual(2);
    expect(optimiser.length).toBeLessThanOrEqual(3);

    plan.runMany(3);
    const { parameters: now, average } = await trainer.snapshot();
    const value = now.get('a')?.data[0] ?? NaN;
    expect(value).toBeLessThan(1);
    // The average lags behind: from 1, by a tenth of each update.
    if (decay > 0) expect(average?.get('a')?.data[0]).toBeGreaterThan(value);
    else expect(average).toBeUndefined();
    plan.dispose();
    trainer.dispose();
  });

  it('gets every gradient also where one is made from another', async () => {
    // Learned positions at batch 1: their gradient is what the gradient of the embedding is made of.
    const [N, V, D] = [6, 5, 8];
    const runtime = await testRuntime();
    const parameters = new ParameterSet(1);
    const tokens = constant(philoxNormals(N * V, 1, 'tokens'), [1, N, V]);
    const target = constant(philoxNormals(N * D, 1, 'target'), [1, N, D]);
    const embedding = parameters.create('embedding', [V, D], () => philoxNormals(V * D, 1, 'embedding'));
    const positions = parameters.create('positions', [N, D], () => philoxNormals(N * D, 1, 'positions'));
    const loss = sum(mul(square(add(matmul(tokens, embedding), positions)), target));
    const [dEmbedding, dPositions] = gradients(loss, [embedding, positions]);
    if (!dEmbedding || !dPositions) throw new Error('no gradients');
    const separate = await compile(runtime, { outputs: { embedding: dEmbedding, positions: dPositions } });
    separate.run();

    const trainer = new Trainer(runtime, parameters, { ...SETTINGS, clip: 0, averageDecay: 0 });
    const plan = await trainer.compile(loss);
    plan.run();
    const { firstMoment, step } = await trainer.snapshot();
    expect(step).toBe(1);
    for (const name of ['embedding', 'positions']) {
      // After one update of AdamW the first moment is a tenth of the gradient.
      const wanted = await separate.read(name);
      const moments = firstMoment.get(name)?.data ?? new Float32Array();
      expect(moments.length).toBe(wanted.length);
      moments.forEach((m, k) => expect(m).toBeCloseTo(0.1 * (wanted[k] ?? NaN), 4));
    }
    separate.dispose();
    plan.dispose();
    trainer.dispose();
  });
});
