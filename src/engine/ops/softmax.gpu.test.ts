import { describe, expect, it } from 'vitest';
import { DEVICE_CLASSES, goldenFailures, runtimeAs } from '../../../tests/helpers/deviceClasses';
import { vjp } from '../autodiff';
import { relativeError } from '../goldenCheck';
import { philoxNormals } from '../philox';
import { compile } from '../plan';
import { constant } from '../state';
import { mul } from './pointwise';
import { softmax } from './softmax';
import { softmaxCrossEntropy } from './softmaxCrossEntropy';

/** Softmax of a row in float64. */
function probabilities(row: ArrayLike<number>): number[] {
  const values = Array.from(row);
  const largest = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const parts = values.map((v) => Math.exp(v - largest));
  const sum = parts.reduce((a, b) => a + b, 0);
  return parts.map((p) => p / sum);
}

const SIZES = [
  [1, 1],
  [257, 2],
  [101, 10],
  [67, 64],
  [5, 1009],
  [3, 10000],
] as const;

describe.each(DEVICE_CLASSES)('softmax with the kernels of class %s', (deviceClass) => {
  it.each(['softmax', 'softmaxCrossEntropy'])('%s: golden cases', async (op) => {
    expect(await goldenFailures(op, deviceClass)).toEqual([]);
  });

  it.each(SIZES)('cross-entropy and softmax of %i rows of %i', async (rows, columns) => {
    const runtime = await runtimeAs(deviceClass);
    const data = philoxNormals(rows * columns, 9, 'softmax test').map((z) => 4 * z);
    const labels = Uint32Array.from({ length: rows }, (_, r) => (r * 7919) % columns);
    const factors = philoxNormals(rows, 10, 'softmax test');
    const z = constant(data, [rows, columns]);
    const weights = constant(factors, [rows]);
    const loss = softmaxCrossEntropy(z, constant(labels, [rows], 'u32'), { weights });
    const [dz, dw] = vjp([loss], [constant(new Float32Array(rows).fill(1), [rows])], [z, weights]);
    if (!dz || !dw) throw new Error('a gradient is missing');
    const plan = await compile(runtime, { outputs: { p: softmax(z), loss, dz, dw }, poison: true });
    plan.run();
    const want = { p: [] as number[], loss: [] as number[], dz: [] as number[], dw: [] as number[] };
    for (let r = 0; r < rows; r++) {
      const p = probabilities(data.subarray(r * columns, (r + 1) * columns));
      const [label, factor] = [labels[r] ?? 0, factors[r] ?? 0];
      const plain = -Math.log(p[label] ?? 0);
      want.p.push(...p);
      want.dw.push(plain);
      want.loss.push(factor * plain);
      want.dz.push(...p.map((v, k) => factor * (v - (k === label ? 1 : 0))));
    }
    for (const name of ['p', 'loss', 'dz', 'dw'] as const) {
      expect.soft(relativeError(await plan.read(name), want[name]), name).toBeLessThan(2e-6);
    }
    plan.dispose();
  });

  it('classes and keys at minus infinity count for nothing', async () => {
    const runtime = await runtimeAs(deviceClass);
    const data = Float32Array.from([-Infinity, 1, 2, -Infinity, 0.5, -Infinity, -Infinity, -Infinity]);
    const z = constant(data, [2, 4]);
    const loss = softmaxCrossEntropy(z, constant([2, 0], [2], 'u32'));
    const [dz] = vjp([mul(loss, 2)], [constant([1, 1], [2])], [z]);
    if (!dz) throw new Error('the gradient is missing');
    const plan = await compile(runtime, { outputs: { p: softmax(z), loss, dz }, poison: true });
    plan.run();
    const e = 1 / (1 + Math.exp(-1));
    expect(relativeError(await plan.read('p'), [0, 1 - e, e, 0, 1, 0, 0, 0])).toBeLessThan(1e-6);
    expect(relativeError(await plan.read('loss'), [-Math.log(e), 0])).toBeLessThan(1e-6);
    expect(relativeError(await plan.read('dz'), [0, 2 - 2 * e, 2 * e - 2, 0, 0, 0, 0, 0])).toBeLessThan(1e-6);
    plan.dispose();
  });
});
