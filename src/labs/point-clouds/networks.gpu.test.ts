import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { testRuntime } from '../../../tests/helpers/gpu';
import { gradients } from '../../engine/autodiff';
import { add, affine } from '../../engine/ops/pointwise';
import { mean } from '../../engine/ops/reduce';
import { softmaxCrossEntropy } from '../../engine/ops/softmaxCrossEntropy';
import { compile } from '../../engine/plan';
import type { Runtime } from '../../engine/runtime';
import { constant } from '../../engine/state';
import { sizeOf, type Node } from '../../engine/tensor';
import { ParameterSet } from '../../nn/parameters';
import { Trainer } from '../../train/trainer';
import type { Layers } from './layers';
import { networkOn, type NetworkResult } from './network';
import type { NetworkShape } from './networkShape';
import { orthogonality } from './networks/tNet';
import { gridOf } from './networks/voxNet';
import type { RegulariserForm } from './settings';

/** What tests/golden/make/pointNetworks.py wrote. */
interface Oracle {
  readonly case: {
    readonly batch: number;
    readonly points: number;
    readonly form: RegulariserForm;
    readonly network: NetworkShape;
  };
  readonly optimiser: Record<'learningRate' | 'weightDecay' | 'warmup' | 'total' | 'clip', number>;
  readonly regulariser: number;
  readonly smoothing: number;
  readonly losses: readonly number[];
  readonly gradients: Readonly<Record<string, readonly number[]>>;
  /** Running means and variances after one step. */
  readonly running: Readonly<Record<string, readonly number[]>>;
}

const CASES = [
  ...['pointnet-classes', 'pointnet-parts', 'pointnet-scene'],
  ...['pointnet2-classes', 'pointnet2-mrg', 'pointnet2-parts', 'pointnet2-scene'],
  ...['dgcnn-classes', 'dgcnn-parts', 'dgcnn-scene'],
  ...['voxels', 'views'],
];
const LOSS_TOLERANCE = 1e-4;
/** Batch norms of few rows divide by small deviations. */
const GRADIENT_TOLERANCE = 2e-3;
/** Many pipelines, which software adapters compile slowly when the machine is busy. */
const TIMEOUT = 600_000;

async function oracle(name: string): Promise<Oracle> {
  const path = join(import.meta.dirname, `../../../tests/golden/pointClouds/${name}.json`);
  return JSON.parse(await readFile(path, 'utf8')) as Oracle;
}

/** The formula that the oracle fills its tensors by. */
function filled(stream: number, count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => {
    const x = Math.sin(i * 12.9898 + stream * 78.233) * 43758.5453;
    return x - Math.floor(x);
  });
}

/** The network on the oracle’s clouds, or pictures. */
function resultOf(l: Layers, { batch: B, points: N, network: shape }: Oracle['case']): NetworkResult {
  if (shape.method === 'views') {
    const dims = [B, shape.views, 1, shape.size, shape.size];
    return networkOn(l, shape, constant(filled(1, sizeOf(dims)), dims));
  }
  const dims = [B, N, shape.channels];
  const numbers = filled(1, sizeOf(dims)).map((u) => (u - 0.5) * 2);
  const x = constant(numbers, dims);
  const categories = Array.from({ length: B }, (_, i) => i % 2);
  const category = shape.categories > 0 ? constant(categories, [B], 'u32') : undefined;
  return networkOn(l, shape, shape.method === 'voxels' ? gridOf(shape, x) : x, category);
}

function build(runtime: Runtime, want: Oracle) {
  const parameters = new ParameterSet(1);
  const updates: Node[] = [];
  const { case: made, smoothing, regulariser, optimiser } = want;
  const { logits, featureTransform } = resultOf({ p: parameters, mode: { training: true, updates } }, made);
  const rows = logits.shape.slice(0, -1);
  const labels = constant(
    Array.from({ length: sizeOf(rows) }, (_, i) => i % made.network.outputs),
    rows,
    'u32',
  );
  const error = mean(softmaxCrossEntropy(logits, labels, { labelSmoothing: smoothing }));
  const loss = featureTransform
    ? add(error, affine(orthogonality(featureTransform, made.form), regulariser, 0))
    : error;
  const trainer = new Trainer(runtime, parameters, { ...optimiser, averageDecay: 0, seed: 1, beta2: 0.999 });
  const start = new Map(
    Object.keys(want.gradients).map((name, i) => {
      const { shape, size } = parameters.find(name);
      const shift = name.endsWith('.scale') ? 1 : 0;
      return [name, { shape, data: filled(i + 10, size).map((u) => (u - 0.5) * 0.9 + shift) }] as const;
    }),
  );
  const learned = parameters.all.filter((p) => p.lrScale > 0);
  expect([...start.keys()].sort()).toEqual(learned.map((p) => p.name).sort());
  return { parameters, trainer, loss, start, learned, updates };
}

/** max|got − want| over max|want|, or over the whole network's smallest share of it for what is nearly zero. */
function relativeError(got: ArrayLike<number>, want: readonly number[], floor = 1e-4): number {
  const largest = Math.max(floor, ...want.map(Math.abs));
  return Math.max(...want.map((w, i) => Math.abs((got[i] ?? NaN) - w))) / largest;
}

describe.each(CASES)('%s against PyTorch', (name) => {
  it(
    'has the same loss, gradients, running statistics, and losses of three updates',
    async () => {
      const runtime = await testRuntime();
      const want = await oracle(name);
      const { parameters, trainer, loss, start, learned, updates } = build(runtime, want);
      const made = gradients(
        loss,
        learned.map((p) => p.tensor),
      );
      const outputs = Object.fromEntries(learned.flatMap((p, i) => (made[i] ? [[p.name, made[i]] as const] : [])));
      const plan = await compile(runtime, { outputs: { loss, ...outputs }, effects: updates, poison: true });
      const begin = () => runtime.write(parameters.values, parameters.join(start, parameters.initialValues()));
      begin();
      plan.run();
      const [value = NaN] = await plan.read('loss');
      expect(Math.abs(value / (want.losses[0] ?? NaN) - 1)).toBeLessThan(LOSS_TOLERANCE);
      for (const [parameter, gradient] of Object.entries(want.gradients)) {
        const error = relativeError(await plan.read(parameter), gradient);
        expect(error, `gradient of ${parameter}`).toBeLessThan(GRADIENT_TOLERANCE);
      }
      const after = parameters.split(Float32Array.from(await runtime.read(parameters.values)));
      for (const [statistic, values] of Object.entries(want.running))
        expect(relativeError(after.get(statistic)?.data ?? [], values), statistic).toBeLessThan(GRADIENT_TOLERANCE);
      plan.dispose();

      const step = await trainer.compile(loss, {}, updates);
      begin();
      step.runMany(want.losses.length);
      const rows = await trainer.readHistory(0, want.losses.length);
      want.losses.forEach((wanted, i) => {
        expect(Math.abs((rows[i * 3] ?? NaN) / wanted - 1), `loss of step ${i}`).toBeLessThan(GRADIENT_TOLERANCE);
      });
      step.dispose();
      trainer.dispose();
    },
    TIMEOUT,
  );
});
