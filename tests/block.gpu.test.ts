import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gradients } from '../src/engine/autodiff';
import { square, sub } from '../src/engine/ops/pointwise';
import { mean } from '../src/engine/ops/reduce';
import { compile } from '../src/engine/plan';
import { constant } from '../src/engine/state';
import { transformerBlock } from '../src/nn/layers';
import { ParameterSet } from '../src/nn/parameters';
import { Trainer } from '../src/train/trainer';
import { testRuntime } from './helpers/gpu';
import { filled, relativeError, withoutKeyBias } from './helpers/oracle';

/** What tests/golden/make/block.py wrote. */
interface Oracle {
  readonly case: Record<'batch' | 'tokens' | 'width' | 'heads', number> & Record<'causal' | 'padded', boolean>;
  readonly optimiser: Record<'learningRate' | 'weightDecay' | 'warmup' | 'total' | 'clip', number>;
  readonly output: readonly number[];
  readonly inputGradient: readonly number[];
  readonly losses: readonly number[];
  readonly gradients: Readonly<Record<string, readonly number[]>>;
  readonly updated: Readonly<Record<string, readonly number[]>>;
}

const TOLERANCE = 1e-4;

/** The oracle's block, its loss, and the values that its parameters start from. */
async function build(name: string) {
  const path = join(import.meta.dirname, `golden/block/${name}.json`);
  const want = JSON.parse(await readFile(path, 'utf8')) as Oracle;
  const { batch, tokens, width, heads, causal, padded } = want.case;
  const shape = [batch, tokens, width];
  const spread = (stream: number) => filled(stream, batch * tokens * width).map((u) => (u - 0.5) * 3);
  const keyMask = filled(3, batch * tokens).map((u, i) => (u < 0.7 || i % tokens === 0 ? 1 : 0));
  const parameters = new ParameterSet(1);
  const input = constant(spread(1), shape);
  const y = transformerBlock(parameters, 'block', input, {
    heads,
    causal,
    ...(padded && { keyMask: constant(keyMask, [batch, tokens]) }),
  });
  const loss = mean(square(sub(y, constant(spread(2), shape))));
  const start = new Map(
    Object.keys(want.gradients).map((parameter, i) => {
      const { shape, size } = parameters.find(parameter);
      const shift = parameter.endsWith('.scale') ? 1 : 0;
      return [parameter, { shape, data: filled(i + 10, size).map((u) => (u - 0.5) * 0.5 + shift) }] as const;
    }),
  );
  expect([...start.keys()].sort()).toEqual(parameters.all.map((p) => p.name).sort());
  return { want, parameters, input, y, loss, start };
}

describe.each(['plain', 'causal', 'padded'])('a transformer block against PyTorch: %s', (name) => {
  it('has the same output, loss and gradients by its input and every parameter', async () => {
    const runtime = await testRuntime();
    const { want, parameters, input, y, loss, start } = await build(name);
    const made = gradients(loss, [input, ...parameters.all.map((p) => p.tensor)]);
    const names = ['input', ...parameters.all.map((p) => p.name)];
    const outputs = Object.fromEntries(made.flatMap((g, i) => (g ? [[names[i] ?? '', g] as const] : [])));
    expect(Object.keys(outputs)).toEqual(names);
    const plan = await compile(runtime, { outputs: { y, loss, ...outputs }, poison: true });
    runtime.write(parameters.values, parameters.join(start, parameters.initialValues()));
    plan.run();
    expect(relativeError(await plan.read('y'), want.output)).toBeLessThan(TOLERANCE);
    expect(relativeError(await plan.read('loss'), want.losses.slice(0, 1))).toBeLessThan(TOLERANCE);
    expect(relativeError(await plan.read('input'), want.inputGradient)).toBeLessThan(TOLERANCE);
    for (const [parameter, gradient] of Object.entries(want.gradients)) {
      const got = withoutKeyBias(parameter, await plan.read(parameter));
      expect(relativeError(got, withoutKeyBias(parameter, gradient)), `gradient of ${parameter}`).toBeLessThan(
        TOLERANCE,
      );
    }
    plan.dispose();
    runtime.release(parameters.values);
  });

  it('makes the same ten updates', async () => {
    const runtime = await testRuntime();
    const { want, parameters, loss, start } = await build(name);
    const trainer = new Trainer(runtime, parameters, { ...want.optimiser, averageDecay: 0, seed: 1 });
    const plan = await trainer.compile(loss);
    runtime.write(parameters.values, parameters.join(start, parameters.initialValues()));
    plan.runMany(want.losses.length);
    const rows = await trainer.readHistory(0, want.losses.length);
    const losses = want.losses.map((_, step) => rows[step * 3] ?? NaN);
    expect(relativeError(losses, want.losses)).toBeLessThan(TOLERANCE);
    const { parameters: got } = await trainer.snapshot();
    for (const [parameter, values] of Object.entries(want.updated)) {
      const now = withoutKeyBias(parameter, got.get(parameter)?.data ?? []);
      expect(relativeError(now, withoutKeyBias(parameter, values)), parameter).toBeLessThan(TOLERANCE);
    }
    plan.dispose();
    trainer.dispose();
  });
});
