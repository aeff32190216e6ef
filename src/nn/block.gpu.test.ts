import { describe, expect, it } from 'vitest';
import { gradients } from '../engine/autodiff';
import { mul } from '../engine/ops/pointwise';
import { sum } from '../engine/ops/reduce';
import { compile } from '../engine/plan';
import { constant, State } from '../engine/state';
import { testRuntime } from '../../tests/helpers/gpu';
import { transformerBlock } from './layers';
import { ParameterSet } from './parameters';

/** Rows, tokens and width of no tile's size. */
const [B, N, D, HEADS] = [3, 13, 24, 3];

describe('a transformer block', () => {
  it('goes forward and backward in at most 26 dispatches', async () => {
    const runtime = await testRuntime();
    const parameters = new ParameterSet(1);
    const input = new State('block input', [B, N, D]);
    const cotangent = constant(new Float32Array(B * N * D).fill(1), [B, N, D]);
    const y = transformerBlock(parameters, 'block', input.tensor(), { heads: HEADS });
    const wanted = [input.tensor(), ...parameters.all.map((p) => p.tensor)];
    const made = gradients(sum(mul(y, cotangent)), wanted);
    expect(made.every((g) => g !== undefined)).toBe(true);
    const outputs = Object.fromEntries(made.flatMap((g, i) => (g ? [[`g${i}`, g] as const] : [])));
    const plan = await compile(runtime, { outputs: { y, ...outputs } });
    expect(plan.dispatches.length).toBeLessThanOrEqual(26);
    plan.dispose();
  });
});
