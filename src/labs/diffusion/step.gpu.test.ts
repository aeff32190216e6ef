import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gradients } from '../../engine/autodiff';
import { mean } from '../../engine/ops/reduce';
import { compile } from '../../engine/plan';
import type { Runtime } from '../../engine/runtime';
import { constant } from '../../engine/state';
import { ParameterSet } from '../../nn/parameters';
import { Trainer } from '../../train/trainer';
import { testRuntime } from '../../../tests/helpers/gpu';
import { classesOf, sampleShape, type NetworkShape } from './network';
import { frameworks } from './process/framework';
import { sampleLosses } from './training';

/** What tests/golden/make/diffusion.py wrote. */
interface Oracle {
  readonly case: {
    readonly preconditioning: 'edm' | 'flow';
    readonly batch: number;
    readonly network: NetworkShape;
  };
  readonly optimiser: Record<'learningRate' | 'weightDecay' | 'warmup' | 'total' | 'clip', number>;
  readonly sigmaData: number;
  readonly losses: readonly number[];
  readonly gradients: Readonly<Record<string, readonly number[]>>;
  readonly updated: Readonly<Record<string, readonly number[]>>;
}

const TOLERANCE = 1e-4;
/** WGSL promises sines within 2⁻¹¹ only, and the noise level comes in through sines. */
const SINE_TOLERANCE = 1e-3;

async function oracle(name: string): Promise<Oracle> {
  const path = join(import.meta.dirname, `../../../tests/golden/diffusion/step-${name}.json`);
  return JSON.parse(await readFile(path, 'utf8')) as Oracle;
}

/** The formula that the oracle fills its tensors by. */
function filled(stream: number, count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => {
    const x = Math.sin(i * 12.9898 + stream * 78.233) * 43758.5453;
    return x - Math.floor(x);
  });
}

function build(runtime: Runtime, { case: made, optimiser, sigmaData, gradients: known }: Oracle) {
  const { batch, network, preconditioning } = made;
  const shape = [batch, ...sampleShape(network)];
  const size = shape.reduce((n, d) => n * d, 1);
  const parameters = new ParameterSet(1);
  const trainer = new Trainer(runtime, parameters, { ...optimiser, averageDecay: 0, seed: 1, beta2: 0.999 });
  const base = frameworks[preconditioning];
  const process = { ...base, constants: { ...base.constants, sigmaData } };
  const rows = Array.from({ length: batch }, (_, i) => i);
  const losses = sampleLosses(
    parameters,
    { process, network },
    {
      data: constant(
        filled(1, size).map((u) => (u - 0.5) * 2),
        shape,
      ),
      noise: constant(
        filled(2, size).map((u) => (u - 0.5) * 3),
        shape,
      ),
      sigma: constant(
        filled(3, batch).map((u) => u + 0.1),
        [batch],
      ),
      ...(classesOf(network) > 0 && {
        condition: {
          labels: constant(
            rows.map((i) => i % classesOf(network)),
            [batch],
            'u32',
          ),
          dropped: constant(
            rows.map((i) => (i % 3 === 1 ? 1 : 0)),
            [batch],
          ),
        },
      }),
    },
  );
  const start = new Map(
    Object.keys(known).map((name, i) => {
      const { shape: of, size: length } = parameters.find(name);
      const shift = name.endsWith('.scale') ? 1 : 0;
      return [name, { shape: of, data: filled(i + 10, length).map((u) => (u - 0.5) * 0.5 + shift) }] as const;
    }),
  );
  expect([...start.keys()].sort()).toEqual(parameters.all.map((p) => p.name).sort());
  return { parameters, trainer, loss: mean(losses), start };
}

/** max|got − want| over max|want|. */
function relativeError(got: ArrayLike<number>, want: readonly number[]): number {
  const largest = Math.max(...want.map(Math.abs));
  return Math.max(...want.map((w, i) => Math.abs((got[i] ?? NaN) - w))) / largest;
}

/** Without the keys' third of a packed bias: softmax does not feel it, and Adam makes whole steps of its rounding noise. */
function withoutKeyBias(name: string, values: ArrayLike<number>): number[] {
  const all = Array.from(values);
  if (!name.endsWith('.qkv.bias')) return all;
  return all.filter((_, i) => Math.floor((i * 3) / all.length) !== 1);
}

describe.each(['mlp', 'dit', 'unet'])('a training step against PyTorch: %s', (name) => {
  it('has the same loss and the same gradient of every parameter', async () => {
    const runtime = await testRuntime();
    const want = await oracle(name);
    const { parameters, trainer, loss, start } = build(runtime, want);
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
    for (const [parameter, gradient] of Object.entries(want.gradients)) {
      const got = await plan.read(parameter);
      const error = relativeError(withoutKeyBias(parameter, got), withoutKeyBias(parameter, gradient));
      expect(error, `gradient of ${parameter}`).toBeLessThan(SINE_TOLERANCE);
    }
    plan.dispose();
    trainer.dispose();
  });

  it('makes the same six updates', async () => {
    const runtime = await testRuntime();
    const want = await oracle(name);
    const { parameters, trainer, loss, start } = build(runtime, want);
    const plan = await trainer.compile(loss);
    runtime.write(parameters.values, parameters.join(start, parameters.initialValues()));
    plan.runMany(want.losses.length);
    const rows = await trainer.readHistory(0, want.losses.length);
    want.losses.forEach((wanted, step) => {
      expect(Math.abs((rows[step * 3] ?? NaN) / wanted - 1), `loss of step ${step}`).toBeLessThan(TOLERANCE);
    });
    const { parameters: got } = await trainer.snapshot();
    for (const [parameter, values] of Object.entries(want.updated)) {
      const error = relativeError(
        withoutKeyBias(parameter, got.get(parameter)?.data ?? []),
        withoutKeyBias(parameter, values),
      );
      expect(error, parameter).toBeLessThan(SINE_TOLERANCE);
    }
    plan.dispose();
    trainer.dispose();
  });
});
