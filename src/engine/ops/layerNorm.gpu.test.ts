import { describe, expect, it } from 'vitest';
import { DEVICE_CLASSES, goldenFailures, runtimeAs } from '../../../tests/helpers/deviceClasses';
import { vjp } from '../autodiff';
import { relativeError } from '../goldenCheck';
import { philoxNormals } from '../philox';
import { compile } from '../plan';
import { constant } from '../state';
import { layerNorm } from './layerNorm';
import { add } from './pointwise';

const EPS = 1e-6;

interface Inputs {
  readonly x: Float32Array;
  readonly scale: Float32Array;
  readonly shift: Float32Array;
  readonly dy: Float32Array;
}

/** Layer norm and its gradients by the definition, in float64. */
function reference({ x, scale, shift, dy }: Inputs, rows: number, columns: number) {
  const y = new Float64Array(rows * columns);
  const dx = new Float64Array(rows * columns);
  const dscale = new Float64Array(columns);
  const dshift = new Float64Array(columns);
  for (let r = 0; r < rows; r++) {
    const row = Float64Array.from(x.subarray(r * columns, (r + 1) * columns));
    const mean = row.reduce((a, b) => a + b, 0) / columns;
    const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / columns;
    const rstd = 1 / Math.sqrt(variance + EPS);
    const h = row.map((v) => (v - mean) * rstd);
    const g = h.map((_, i) => (dy[r * columns + i] ?? 0) * (scale[i] ?? 0));
    const meanG = g.reduce((a, b) => a + b, 0) / columns;
    const meanGh = g.reduce((a, b, i) => a + b * (h[i] ?? 0), 0) / columns;
    h.forEach((value, i) => {
      const d = dy[r * columns + i] ?? 0;
      y[r * columns + i] = value * (scale[i] ?? 0) + (shift[i] ?? 0);
      dx[r * columns + i] = rstd * ((g[i] ?? 0) - meanG - value * meanGh);
      dscale[i] = (dscale[i] ?? 0) + d * value;
      dshift[i] = (dshift[i] ?? 0) + d;
    });
  }
  return { y, dx, dscale, dshift };
}

/** Rows, columns, mean and deviation of x. */
const CASES = [
  [1, 1, 0, 1],
  [257, 3, 0, 1],
  [131, 64, 0, 1],
  [521, 65, 0, 1],
  [5, 1028, 0, 1],
  [2, 4099, 3, 2],
  [1031, 96, 1000, 0.5],
  [15625, 64, 0, 1],
] as const;

describe.each(DEVICE_CLASSES)('layer norm with the kernels of class %s', (deviceClass) => {
  it('golden cases', async () => {
    expect(await goldenFailures('layerNorm', deviceClass)).toEqual([]);
  });

  it.each(CASES)('[%i, %i], mean %f, deviation %f', async (rows, columns, mean, deviation) => {
    const runtime = await runtimeAs(deviceClass);
    const draw = (count: number, name: string) => philoxNormals(count, 7, `layer norm test ${name}`);
    const data: Inputs = {
      x: draw(rows * columns, 'x').map((z) => mean + deviation * z),
      scale: draw(columns, 'scale').map((z) => 1 + 0.3 * z),
      shift: draw(columns, 'shift'),
      dy: draw(rows * columns, 'dy'),
    };
    const x = constant(data.x, [rows, columns]);
    const scale = constant(data.scale, [columns]);
    const shift = constant(data.shift, [columns]);
    const y = layerNorm(x, scale, shift, EPS);
    const [dx, dscale, dshift] = vjp([y], [constant(data.dy, [rows, columns])], [x, scale, shift]);
    if (!dx || !dscale || !dshift) throw new Error('a gradient is missing');
    const plan = await compile(runtime, { outputs: { y, dx, dscale, dshift }, poison: true });
    expect(plan.dispatches).toHaveLength(3);
    plan.run();
    const want = reference(data, rows, columns);
    for (const name of ['y', 'dx', 'dscale', 'dshift'] as const) {
      expect.soft(relativeError(await plan.read(name), want[name]), name).toBeLessThan(2e-5);
    }
    plan.dispose();
  });

  it('takes the sum with a residual gradient into its own dispatch', async () => {
    const runtime = await runtimeAs(deviceClass);
    const [rows, columns] = [64, 32];
    const draw = (name: string) =>
      constant(philoxNormals(rows * columns, 8, `layer norm test ${name}`), [rows, columns]);
    const ones = constant(new Float32Array(columns).fill(1), [columns]);
    const [x, dy, residual] = [draw('x'), draw('dy'), draw('residual')];
    const [dx] = vjp([layerNorm(x, ones, ones)], [dy], [x]);
    if (!dx) throw new Error('the gradient is missing');
    const plan = await compile(runtime, { outputs: { dx, total: add(residual, dx) }, poison: true });
    const alone = await compile(runtime, { outputs: { dx }, poison: true });
    expect(plan.dispatches).toHaveLength(alone.dispatches.length);
    plan.run();
    const [a, b] = [await plan.read('dx'), await plan.read('total')];
    const r = philoxNormals(rows * columns, 8, 'layer norm test residual');
    expect(
      relativeError(
        b,
        Array.from(a, (v, i) => v + (r[i] ?? NaN)),
      ),
    ).toBeLessThan(1e-6);
    plan.dispose();
    alone.dispose();
  });
});
