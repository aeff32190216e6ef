import { describe, expect, it } from 'vitest';
import { compile } from '../../../engine/plan';
import { constant } from '../../../engine/state';
import type { Tensor } from '../../../engine/tensor';
import { testRuntime } from '../../../../tests/helpers/gpu';
import { hostArithmetic, tensorArithmetic } from './arithmetic';
import { frameworks, type FrameworkName } from './framework';
import { iddpmSigma } from './iddpmTable';
import { schedules, type ScheduleName } from './schedule';
import { drawSigma, drawsFrom, trainingTerms } from './training';
import { weights, type WeightName } from './weight';
import type { PreconditioningName } from './preconditioning';

async function onDevice(outputs: Readonly<Record<string, Tensor>>): Promise<Map<string, Float32Array>> {
  const plan = await compile(await testRuntime(), { outputs, poison: true });
  plan.run();
  const got = new Map<string, Float32Array>();
  for (const name of Object.keys(outputs)) got.set(name, Float32Array.from(await plan.read(name)));
  plan.dispose();
  return got;
}

/** The largest relative error, by what the number itself is; absolute below 1e-6. */
function relative(got: Float32Array | undefined, want: readonly number[]): number {
  return Math.max(...want.map((w, i) => Math.abs((got?.[i] ?? NaN) - w) / Math.max(Math.abs(w), 1e-6)));
}

const f32 = (values: readonly number[]) => values.map(Math.fround);
const leaf = (values: readonly number[]) => constant(values, [values.length]);
const SIGMAS = f32([1e-4, 0.002, 0.01, 0.1, 0.3, 0.7, 1, 3, 20, 80, 152]);

describe('the training graph’s f32 against float64', () => {
  it('e^x − 1 and ln(1 + x), small and large', async () => {
    const x = f32([1e-7, 3e-5, 0.01, 0.2, 0.49, 0.5, 0.51, 1, 3, 10]);
    const a = tensorArithmetic;
    const got = await onDevice({ expm1: a.expm1(leaf(x)), log1p: a.log1p(leaf(x)) });
    expect(relative(got.get('expm1'), x.map(Math.expm1))).toBeLessThan(2e-6);
    expect(relative(got.get('log1p'), x.map(Math.log1p))).toBeLessThan(2e-6);
  });

  it.each(['vp', 've', 'edm', 'flow'] as const)('%s: σ(t) and back, near t = 0 as well', async (name: ScheduleName) => {
    const times = f32([1e-5, 1e-4, 1e-3, 0.01, 0.1, 0.5, 0.9, 0.999]);
    const c = frameworks.edm.constants;
    const { sigma, time } = schedules[name];
    const got = await onDevice({
      sigma: sigma(tensorArithmetic, leaf(times), c),
      time: time(tensorArithmetic, leaf(SIGMAS), c),
    });
    // 1 − t is exact in f32 here; the rest is rounding of exp, log and sqrt.
    expect(
      relative(
        got.get('sigma'),
        times.map((t) => sigma(hostArithmetic, t, c)),
      ),
    ).toBeLessThan(4e-6);
    expect(
      relative(
        got.get('time'),
        SIGMAS.map((s) => time(hostArithmetic, s, c)),
      ),
    ).toBeLessThan(4e-6);
  });

  it('iDDPM’s table in closed form', async () => {
    const j = [0, 1, 2, 8, 500, 900, 992, 998, 999];
    const got = await onDevice({ u: iddpmSigma(tensorArithmetic, leaf(j)) });
    // The last entries hang on the difference of two angles near π/2.
    expect(
      relative(
        got.get('u'),
        j.map((v) => iddpmSigma(hostArithmetic, v)),
      ),
    ).toBeLessThan(2e-4);
  });

  it.each(['vp', 've', 'iddpm', 'edm', 'flow', 'x0', 'v'] as const)(
    'preconditioning %s',
    async (preconditioning: PreconditioningName) => {
      const process = { ...frameworks.edm, preconditioning };
      const terms = trainingTerms(tensorArithmetic, process, leaf(SIGMAS));
      const got = await onDevice({ ...terms });
      for (const [i, sigma] of SIGMAS.entries()) {
        const want = trainingTerms(hostArithmetic, process, sigma);
        for (const name of ['skip', 'out', 'input', 'targetData', 'targetNoise', 'label', 'lossWeight'] as const) {
          const error = Math.abs((got.get(name)?.[i] ?? NaN) - want[name]) / Math.max(Math.abs(want[name]), 1e-6);
          expect(error, `${name} at σ = ${sigma}`).toBeLessThan(5e-6);
        }
      }
    },
  );

  it.each(['epsilon', 'edm', 'velocity', 'v', 'x0'] as const)('weight %s', async (name: WeightName) => {
    const c = frameworks.edm.constants;
    const got = await onDevice({ weight: weights[name](tensorArithmetic, leaf(SIGMAS), c) });
    expect(
      relative(
        got.get('weight'),
        SIGMAS.map((s) => weights[name](hostArithmetic, s, c)),
      ),
    ).toBeLessThan(3e-6);
  });

  it.each(['vp', 've', 'iddpm', 'edm', 'flow'] as const)('training noise of %s', async (name: FrameworkName) => {
    const process = frameworks[name];
    const draws = f32(
      drawsFrom(process) === 'normal' ? [-3, -1, 0, 0.5, 2.5] : [0, 1e-4, 0.1004, 0.5, 0.8995, 1 - 2 ** -24],
    );
    const got = await onDevice({ sigma: drawSigma(tensorArithmetic, process, leaf(draws)) });
    // At the far end of uniform time 1 − t keeps only the digits of ε_t = 1e-5: a part in a hundred of σ = 1e5.
    const tolerance = name === 'flow' ? 1e-2 : name === 'iddpm' ? 2e-4 : 2e-5;
    expect(
      relative(
        got.get('sigma'),
        draws.map((u) => drawSigma(hostArithmetic, process, u)),
      ),
    ).toBeLessThan(tolerance);
  });
});
