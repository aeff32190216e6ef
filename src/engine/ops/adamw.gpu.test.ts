import { describe, expect, it } from 'vitest';
import { DEVICE_CLASSES, goldenFailures, runtimeAs } from '../../../tests/helpers/deviceClasses';
import updates from '../../../tests/golden/updates/adamw.json';
import { relativeError } from '../goldenCheck';
import { philoxNormals } from '../philox';
import { compile } from '../plan';
import type { Runtime } from '../runtime';
import { constant, State } from '../state';
import { adamW } from './adamw';
import { ema } from './ema';
import { gradientNorm } from './gradientNorm';
import { recordScalars } from './record';

interface Settings {
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly clip: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
}

/** A training step's end on states that a test can write and read: norm, update with or without an average, record. */
async function optimiser(runtime: Runtime, start: Float32Array, groups: Float32Array, s: Settings, averageDecay = 0) {
  const flat = (name: string, initial?: Float32Array) => new State(name, [start.length], 'f32', initial);
  const states = {
    parameters: flat('parameters', start),
    gradients: flat('gradients'),
    firstMoment: flat('first moment'),
    secondMoment: flat('second moment'),
    average: flat('average', start),
    step: new State('step', [], 'u32'),
    history: new State('history', [64, 2]),
  };
  const betas = { beta1: s.beta1, beta2: s.beta2 };
  const learningRate = constant(s.learningRate, []);
  const gradients = states.gradients.tensor();
  const { norm, settings } = gradientNorm({
    gradients,
    learningRate,
    weightDecay: constant(s.weightDecay, []),
    step: states.step.tensor(),
    clip: constant(s.clip, []),
    ...betas,
  });
  const decay = constant(averageDecay, []);
  const update = adamW({
    parameters: states.parameters.tensor(),
    gradients,
    firstMoment: states.firstMoment.tensor(),
    secondMoment: states.secondMoment.tensor(),
    groups: constant(groups, [groups.length / 2, 2]),
    settings,
    eps: s.eps,
    ...betas,
    ...(averageDecay > 0 && { average: { state: states.average.tensor(), decay } }),
  });
  const record = recordScalars(states.history.tensor(), states.step.tensor(), [norm, learningRate]);
  const plan = await compile(runtime, { effects: [update, record], poison: true });
  return { plan, states };
}

describe.each(DEVICE_CLASSES)('optimiser with the kernels of class %s', (deviceClass) => {
  it.each(['gradientNorm', 'adamw', 'adamwAverage', 'ema', 'record'])('%s: golden cases', async (op) => {
    expect(await goldenFailures(op, deviceClass)).toEqual([]);
  });

  it.each(updates.runs)('ten updates as torch.optim.AdamW: $name', async (oracle) => {
    const runtime = await runtimeAs(deviceClass);
    const size = oracle.start.length;
    const start = Float32Array.from(oracle.start);
    const { plan, states } = await optimiser(runtime, start, Float32Array.from(oracle.groups), oracle);
    expect(plan.dispatches).toHaveLength(4);
    for (let k = 0; k < 10; k++) {
      runtime.write(states.gradients, Float32Array.from(oracle.gradients.slice(k * size, (k + 1) * size)));
      plan.run();
    }
    for (const name of ['parameters', 'firstMoment', 'secondMoment'] as const) {
      expect.soft(relativeError(await runtime.read(states[name]), oracle[name]), name).toBeLessThan(2e-6);
    }
    const history = await runtime.read(states.history, 0, 20);
    expect(
      relativeError(
        history.filter((_, i) => i % 2 === 0),
        oracle.norms,
      ),
    ).toBeLessThan(1e-6);
    expect(await runtime.read(states.step)).toEqual(Uint32Array.of(10));
    plan.dispose();
  });

  it('a gradient that is not finite changes nothing but the history', async () => {
    const runtime = await runtimeAs(deviceClass);
    const start = philoxNormals(1024, 11, 'optimiser test');
    const groups = new Float32Array((2 * 1024) / 64).fill(1);
    const settings = { learningRate: 0.1, weightDecay: 0.1, clip: 1, beta1: 0.9, beta2: 0.95, eps: 1e-8 };
    const { plan, states } = await optimiser(runtime, start, groups, settings, 0.5);
    for (const bad of [NaN, Infinity, -Infinity, 3e38]) {
      const gradients = philoxNormals(1024, 12, 'optimiser test');
      gradients[777] = bad;
      runtime.write(states.gradients, gradients);
      plan.run();
    }
    for (const name of ['parameters', 'average'] as const) expect(await runtime.read(states[name])).toEqual(start);
    for (const name of ['firstMoment', 'secondMoment'] as const) {
      expect(await runtime.read(states[name])).toEqual(new Float32Array(1024));
    }
    const history = await runtime.read(states.history, 0, 8);
    expect([0, 1, 2, 3].map((step) => Number.isFinite(history[2 * step]))).toEqual([false, false, false, false]);
    runtime.write(states.gradients, philoxNormals(1024, 12, 'optimiser test'));
    plan.run();
    const after = await runtime.read(states.parameters);
    expect(after.every((p, i) => Number.isFinite(p) && p !== start[i])).toBe(true);
    plan.dispose();
  });

  it('a million parameters, and the moving average in the same dispatch as by itself', async () => {
    const runtime = await runtimeAs(deviceClass);
    const size = 64 * 15637;
    const start = philoxNormals(size, 13, 'optimiser test');
    const gradients = philoxNormals(size, 14, 'optimiser test');
    const groups = new Float32Array(size / 32).fill(1);
    const settings = { learningRate: 1e-2, weightDecay: 0.05, clip: 1, beta1: 0.9, beta2: 0.95, eps: 1e-8 };
    const { plan, states } = await optimiser(runtime, start, groups, settings, 0.75);
    runtime.write(states.gradients, gradients);
    plan.run();
    const norm = Math.sqrt(gradients.reduce((a, g) => a + g * g, 0));
    const factor = 1 / (norm + 1e-6);
    const want = start.map((p, i) => {
      const g = factor * (gradients[i] ?? 0);
      return p * (1 - 1e-2 * 0.05) - (1e-2 * g) / (Math.abs(g) + 1e-8);
    });
    expect(relativeError(await runtime.read(states.history, 0, 1), [norm])).toBeLessThan(1e-6);
    expect(relativeError(await runtime.read(states.parameters), want)).toBeLessThan(1e-6);
    const average = new State('average alone', [size], 'f32', start);
    const alone = await compile(runtime, {
      effects: [ema(average.tensor(), states.parameters.tensor(), constant(0.75, []))],
      poison: true,
    });
    alone.run();
    expect(await runtime.read(states.average)).toEqual(await runtime.read(average));
    plan.dispose();
    alone.dispose();
    for (const state of [...Object.values(states), average]) runtime.release(state);
  });

  it.each([1, 63, 257, 1000003])('norm of %i gradients', async (size) => {
    const runtime = await runtimeAs(deviceClass);
    const gradients = philoxNormals(size, 15, 'optimiser test');
    const { norm } = gradientNorm({
      gradients: constant(gradients, [size]),
      learningRate: constant(1, []),
      weightDecay: constant(0, []),
      step: constant(0, [], 'u32'),
      clip: constant(0, []),
      beta1: 0.9,
      beta2: 0.999,
    });
    const plan = await compile(runtime, { outputs: { norm }, poison: true });
    plan.run();
    const want = Math.sqrt(gradients.reduce((a, g) => a + g * g, 0));
    expect(relativeError(await plan.read('norm'), [want])).toBeLessThan(1e-6);
    plan.dispose();
  });
});
