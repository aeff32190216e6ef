import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gradients } from '../../engine/autodiff';
import { compile } from '../../engine/plan';
import type { Runtime } from '../../engine/runtime';
import { constant } from '../../engine/state';
import { ParameterSet } from '../../nn/parameters';
import { Trainer } from '../../train/trainer';
import { testRuntime } from '../../../tests/helpers/gpu';
import { filled, relativeError, withoutKeyBias } from '../../../tests/helpers/oracle';
import { patchCount, type MaeShape } from './mae';
import { patchesOf } from './pixels';
import type { MaeSettings } from './settings';
import { trainingLoss } from './training';

/** What tests/golden/make/mae.py wrote. */
interface Oracle {
  readonly case: MaeShape & { readonly batch: number; readonly visible: number; readonly normalised: boolean };
  readonly optimiser: Record<'learningRate' | 'weightDecay' | 'warmup' | 'total' | 'clip', number>;
  readonly losses: readonly number[];
  readonly gradients: Readonly<Record<string, readonly number[]>>;
  readonly updated: Readonly<Record<string, readonly number[]>>;
}

const TOLERANCE = 1e-4;

async function oracle(name: string): Promise<Oracle> {
  const path = join(import.meta.dirname, `../../../tests/golden/mae/${name}.json`);
  return JSON.parse(await readFile(path, 'utf8')) as Oracle;
}

async function build(runtime: Runtime, { case: made, optimiser, gradients: known }: Oracle) {
  const patches = patchCount(made);
  const images = filled(1, made.batch * made.channels * made.size ** 2).map((u) => (u - 0.5) * 3);
  const settings: MaeSettings = {
    ...optimiser,
    shape: made,
    maskRatio: 0,
    maskShape: 'random',
    drawn: undefined,
    normalisedTarget: made.normalised,
    batch: made.batch,
    steps: optimiser.total,
    averageDecay: 0,
    seed: 1,
    precision: 'f32',
  };
  const parameters = new ParameterSet(1);
  const trainer = new Trainer(runtime, parameters, { ...optimiser, averageDecay: 0, seed: 1 });
  const batch = {
    patches: constant(patchesOf(images, made), [made.batch, patches, made.patch ** 2 * made.channels]),
    keys: constant(filled(2, made.batch * patches), [made.batch, patches]),
  };
  const loss = trainingLoss(parameters, settings, batch, made.visible);
  const start = new Map(
    Object.keys(known).map((name, i) => {
      const { shape, size } = parameters.find(name);
      const shift = name.endsWith('.scale') ? 1 : 0;
      return [name, { shape, data: filled(i + 10, size).map((u) => (u - 0.5) * 0.5 + shift) }] as const;
    }),
  );
  expect([...start.keys()].sort()).toEqual(parameters.all.map((p) => p.name).sort());
  return { parameters, trainer, loss, start };
}

describe.each(['classToken', 'plain', 'symmetric'])('a step of the masked autoencoder against PyTorch: %s', (name) => {
  it('has the same loss and the same gradient of every parameter', async () => {
    const runtime = await testRuntime();
    const want = await oracle(name);
    const { parameters, trainer, loss, start } = await build(runtime, want);
    const made = gradients(
      loss,
      parameters.all.map((p) => p.tensor),
    );
    const outputs = Object.fromEntries(parameters.all.flatMap((p, i) => (made[i] ? [[p.name, made[i]] as const] : [])));
    const plan = await compile(runtime, { outputs: { loss, ...outputs }, poison: true });
    runtime.write(parameters.values, parameters.join(start, parameters.initialValues()));
    plan.run();
    const [value = NaN] = await plan.read('loss');
    expect(Math.abs(value / (want.losses[0] ?? NaN) - 1)).toBeLessThan(TOLERANCE);
    const largest = Math.max(...Object.values(want.gradients).flat().map(Math.abs));
    for (const [parameter, gradient] of Object.entries(want.gradients)) {
      const got = await plan.read(parameter);
      const error = relativeError(withoutKeyBias(parameter, got), withoutKeyBias(parameter, gradient));
      expect(error, `gradient of ${parameter}`).toBeLessThan(TOLERANCE);
      const noise = Array.from(got).map((g, i) => Math.abs(g - (gradient[i] ?? NaN)));
      expect(Math.max(...noise), `gradient of ${parameter}`).toBeLessThan(largest * TOLERANCE);
    }
    plan.dispose();
    trainer.dispose();
  });

  it('makes the same ten updates', async () => {
    const runtime = await testRuntime();
    const want = await oracle(name);
    const { parameters, trainer, loss, start } = await build(runtime, want);
    const plan = await trainer.compile(loss);
    runtime.write(parameters.values, parameters.join(start, parameters.initialValues()));
    plan.runMany(want.losses.length);
    const rows = await trainer.readHistory(0, want.losses.length);
    want.losses.forEach((loss, step) => {
      expect(Math.abs((rows[step * 3] ?? NaN) / loss - 1), `loss of step ${step}`).toBeLessThan(TOLERANCE);
    });
    const { parameters: got } = await trainer.snapshot();
    for (const [parameter, values] of Object.entries(want.updated)) {
      const error = relativeError(
        withoutKeyBias(parameter, got.get(parameter)?.data ?? []),
        withoutKeyBias(parameter, values),
      );
      expect(error, parameter).toBeLessThan(TOLERANCE);
    }
    plan.dispose();
    trainer.dispose();
  });
});
