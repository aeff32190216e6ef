import { describe, expect, it } from 'vitest';
import { DEVICE_CLASSES, goldenFailures, runtimeAs } from '../../../tests/helpers/deviceClasses';
import { vjp } from '../autodiff';
import { relativeError } from '../goldenCheck';
import { philoxNormals } from '../philox';
import { compile } from '../plan';
import type { Runtime } from '../runtime';
import { constant, type StateData } from '../state';
import type { Tensor } from '../tensor';
import { mul } from './pointwise';
import { argmax, max, mean, min, sum, sumTo, variance } from './reduce';

async function run(runtime: Runtime, outputs: Record<string, Tensor>): Promise<Record<string, StateData>> {
  const plan = await compile(runtime, { outputs, poison: true });
  plan.run();
  const read: Record<string, StateData> = {};
  for (const name of Object.keys(outputs)) read[name] = await plan.read(name);
  plan.dispose();
  return read;
}

/** Σ, max and its place over the middle of [outer, length, inner], in float64. */
function reference(x: Float32Array, outer: number, length: number, inner: number) {
  const count = outer * inner;
  const sums = new Float64Array(count);
  const largest = new Float64Array(count).fill(-Infinity);
  const places = new Uint32Array(count);
  for (let o = 0; o < outer; o++)
    for (let r = 0; r < length; r++)
      for (let i = 0; i < inner; i++) {
        const value = x[(o * length + r) * inner + i] ?? NaN;
        const at = o * inner + i;
        sums[at] = (sums[at] ?? 0) + value;
        if (value > (largest[at] ?? NaN)) {
          largest[at] = value;
          places[at] = r;
        }
      }
  return { sums, largest, places };
}

const SHAPES = [
  [1, 1, 1],
  [1, 1000003, 1],
  [1, 1000000, 1],
  [257, 64, 1],
  [3, 4099, 1],
  [1, 2048, 64],
  [1, 2003, 61],
  [7, 131, 12],
  // More workgroups than one dimension of the grid holds (software).
  [1100003, 2, 1],
] as const;

describe.each(DEVICE_CLASSES)('reductions with the kernels of class %s', (deviceClass) => {
  it.each(['sum', 'extremum'])('%s: golden cases', async (op) => {
    expect(await goldenFailures(op, deviceClass)).toEqual([]);
  });

  it.each(SHAPES)('[%i, %i, %i] over the middle axis', async (outer, length, inner) => {
    const runtime = await runtimeAs(deviceClass);
    // A mean of 1 keeps the sums away from zero, where a relative error would mean nothing.
    const data = philoxNormals(outer * length * inner, 1, 'reduce test').map((z) => 1 + z);
    const x = constant(data, [outer, length, inner]);
    const want = reference(data, outer, length, inner);
    const got = await run(runtime, { sums: sum(x, [1]), largest: max(x, [1]), places: argmax(x, [1]) });
    expect(relativeError(got['sums'] ?? [], want.sums)).toBeLessThan(3e-6);
    expect(relativeError(got['largest'] ?? [], want.largest)).toBe(0);
    expect(Array.from(got['places'] ?? [])).toEqual(Array.from(want.places));
  });

  it('repeats bit for bit', async () => {
    const runtime = await runtimeAs(deviceClass);
    const x = constant(philoxNormals(300007, 2, 'reduce test'), [300007]);
    const first = await run(runtime, { y: sum(x) });
    expect(await run(runtime, { y: sum(x) })).toEqual(first);
  });

  it('axes in three runs, negative axes, kept dimensions', async () => {
    const runtime = await runtimeAs(deviceClass);
    const x = constant(philoxNormals(2 * 3 * 4 * 5 * 2 * 7, 3, 'reduce test'), [2, 3, 4, 5, 2, 7]);
    const axes = [0, 2, -2];
    expect(sum(x, axes).shape).toEqual([3, 5, 7]);
    expect(max(x, axes, { keepDims: true }).shape).toEqual([1, 3, 1, 5, 1, 7]);
    const got = await run(runtime, {
      all: sum(sum(x, axes)),
      whole: sum(x),
      smallest: min(min(x, axes)),
      smallestOfAll: min(x),
    });
    expect(relativeError(got['all'] ?? [], got['whole'] ?? [])).toBeLessThan(1e-5);
    expect(got['smallest']).toEqual(got['smallestOfAll']);
  });

  it('NaN and infinity stay visible', async () => {
    const runtime = await runtimeAs(deviceClass);
    const rows = 70;
    const data = philoxNormals(rows * 131, 4, 'reduce test');
    data[5 * 131 + 100] = NaN;
    data[7 * 131 + 3] = Infinity;
    const got = await run(runtime, {
      largest: max(constant(data, [rows, 131]), [1]),
      places: argmax(constant(data, [rows, 131]), [1]),
    });
    expect(got['largest']?.[5]).toBeNaN();
    expect(got['places']?.[5]).toBe(100);
    expect(got['largest']?.[7]).toBe(Infinity);
    expect(got['places']?.[7]).toBe(3);
    expect(got['largest']?.[6]).toBeGreaterThan(0);
  });

  it('the gradient of a broadcast, of mean and of variance', async () => {
    const runtime = await runtimeAs(deviceClass);
    const [rows, columns] = [37, 12];
    const data = philoxNormals(rows * columns, 5, 'reduce test');
    const x = constant(data, [rows, columns]);
    const bias = constant(philoxNormals(columns, 6, 'reduce test'), [columns]);
    const one = constant(1, []);
    const [byBias] = vjp([sum(mul(x, bias))], [one], [bias]);
    const [byX] = vjp([variance(x)], [one], [x]);
    if (!byBias || !byX) throw new Error('a gradient is missing');
    const got = await run(runtime, { byBias, byX, mean: mean(x), folded: sumTo(x, [1, columns]) });
    const want = reference(data, 1, rows, columns).sums;
    expect(relativeError(got['byBias'] ?? [], want)).toBeLessThan(1e-5);
    expect(relativeError(got['folded'] ?? [], want)).toBeLessThan(1e-5);
    const average = data.reduce((a, b) => a + b, 0) / data.length;
    expect(relativeError(got['mean'] ?? [], [average])).toBeLessThan(1e-4);
    const slope = Array.from(data, (v) => (2 * (v - average)) / data.length);
    expect(relativeError(got['byX'] ?? [], slope)).toBeLessThan(1e-5);
  });
});
