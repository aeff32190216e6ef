import { describe, expect, it } from 'vitest';
import { square } from '../engine/ops/pointwise';
import { sum } from '../engine/ops/reduce';
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
});
