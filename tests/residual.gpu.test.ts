import { describe, expect, it } from 'vitest';
import oracle from './golden/residual/tiny.json';
import { testRuntime } from './helpers/gpu';
import { gradients } from '../src/engine/autodiff';
import { maxPool } from '../src/engine/ops/pool';
import { relu } from '../src/engine/ops/pointwise';
import { mean } from '../src/engine/ops/reduce';
import { softmaxCrossEntropy } from '../src/engine/ops/softmaxCrossEntropy';
import { compile } from '../src/engine/plan';
import { constant } from '../src/engine/state';
import type { Tensor } from '../src/engine/tensor';
import { Trainer } from '../src/train/trainer';
import { convolution } from '../src/nn/convolution';
import { linear } from '../src/nn/layers';
import { batchNorm, type NormMode } from '../src/nn/normalisation';
import { ParameterSet, type ParameterSource } from '../src/nn/parameters';
import { residualBlock } from '../src/nn/residual';

const TOLERANCE = 1e-4;
/** Many pipelines, which software adapters compile slowly when the machine is busy. */
const TIMEOUT = 400_000;
const { case: made, optimiser } = oracle;

/** The formula that the oracle fills its tensors by. */
function filled(stream: number, count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => {
    const x = Math.sin(i * 12.9898 + stream * 78.233) * 43758.5453;
    return x - Math.floor(x);
  });
}

function logitsOf(p: ParameterSource, mode: NormMode): Tensor {
  const pixels = filled(1, made.batch * made.channels * made.size ** 2).map((u) => (u - 0.5) * 3);
  const images = constant(pixels, [made.batch, made.channels, made.size, made.size]);
  const stem = convolution(p, 'stem.conv', images, made.width, { kernel: 3, padding: 1, bias: false });
  let x = maxPool(relu(batchNorm(p, 'stem.norm', stem, mode)), { kernel: 3, stride: 2, padding: 1 });
  x = residualBlock(p, '0', x, made.width, { norm: { kind: 'batch', mode } });
  x = residualBlock(p, '1', x, made.wider, { norm: { kind: 'batch', mode }, stride: 2 });
  return linear(p, 'head', mean(x, [2, 3]), made.classes);
}

/** The network, its loss, and where the oracle starts. */
function build() {
  const parameters = new ParameterSet(1);
  const mode = { training: true as const, updates: [] };
  const labels = constant(
    Array.from({ length: made.batch }, (_, i) => i % made.classes),
    [made.batch],
    'u32',
  );
  const loss = mean(softmaxCrossEntropy(logitsOf(parameters, mode), labels));
  const start = new Map(
    Object.keys(oracle.gradients).map((name, i) => {
      const { shape, size } = parameters.find(name);
      const shift = name.endsWith('.scale') ? 1 : 0;
      return [name, { shape, data: filled(i + 10, size).map((u) => (u - 0.5) * 0.5 + shift) }] as const;
    }),
  );
  const learned = parameters.all.filter((p) => p.lrScale > 0).map((p) => p.name);
  expect([...start.keys()].sort()).toEqual(learned.sort());
  return { parameters, mode, loss, start };
}

/** max|got − want| over max|want|. */
function relativeError(got: ArrayLike<number>, want: readonly number[]): number {
  const largest = Math.max(...want.map(Math.abs));
  return Math.max(...want.map((w, i) => Math.abs((got[i] ?? NaN) - w))) / largest;
}

describe('a residual network against PyTorch', () => {
  it(
    'has the same loss and the same gradient of every parameter',
    async () => {
      const runtime = await testRuntime();
      const { parameters, loss, start } = build();
      const learned = parameters.all.filter((p) => p.lrScale > 0);
      const found = gradients(
        loss,
        learned.map((p) => p.tensor),
      );
      const outputs = Object.fromEntries(learned.flatMap((p, i) => (found[i] ? [[p.name, found[i]] as const] : [])));
      const plan = await compile(runtime, { outputs: { loss, ...outputs }, poison: true });
      runtime.write(parameters.values, parameters.join(start, parameters.initialValues()));
      plan.run();
      const [value = NaN] = await plan.read('loss');
      expect(Math.abs(value / (oracle.losses[0] ?? NaN) - 1)).toBeLessThan(TOLERANCE);
      for (const [name, gradient] of Object.entries(oracle.gradients)) {
        expect(relativeError(await plan.read(name), gradient), `gradient of ${name}`).toBeLessThan(TOLERANCE);
      }
      plan.dispose();
      runtime.release(parameters.values);
    },
    TIMEOUT,
  );

  it(
    'makes the same updates, keeps the same running statistics, and takes them along in a snapshot',
    async () => {
      const runtime = await testRuntime();
      const { parameters, mode, loss, start } = build();
      const trainer = new Trainer(runtime, parameters, { ...optimiser, averageDecay: 0, seed: 1 });
      const plan = await trainer.compile(loss, {}, mode.updates);
      runtime.write(parameters.values, parameters.join(start, parameters.initialValues()));
      plan.runMany(oracle.losses.length);
      const rows = await trainer.readHistory(0, oracle.losses.length);
      oracle.losses.forEach((want, step) => {
        expect(Math.abs((rows[step * 3] ?? NaN) / want - 1), `loss of step ${step}`).toBeLessThan(TOLERANCE);
      });
      const { parameters: got } = await trainer.snapshot();
      for (const [name, values] of Object.entries({ ...oracle.updated, ...oracle.running })) {
        expect(relativeError(got.get(name)?.data ?? [], values), name).toBeLessThan(TOLERANCE);
      }
      plan.dispose();
      trainer.dispose();
    },
    TIMEOUT,
  );

  it(
    'evaluates by the running statistics',
    async () => {
      const runtime = await testRuntime();
      const { parameters } = build();
      // With mean 0 and variance 1, as they start, a norm only scales by 1/√(1 + ε).
      const y = batchNorm(parameters.existing(), 'stem.norm', constant(filled(3, 40), [2, made.width, 5]), {
        training: false,
      });
      const plan = await compile(runtime, {
        outputs: { y, logits: logitsOf(parameters.existing(), { training: false }) },
      });
      plan.run();
      const want = Array.from(filled(3, 40)).map((u) => u / Math.sqrt(1 + 1e-5));
      expect(relativeError(await plan.read('y'), want)).toBeLessThan(1e-6);
      expect(Array.from(await plan.read('logits')).every(Number.isFinite)).toBe(true);
      plan.dispose();
      runtime.release(parameters.values);
    },
    TIMEOUT,
  );
});
