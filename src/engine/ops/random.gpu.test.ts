import { describe, expect, it } from 'vitest';
import { testRuntime } from '../../../tests/helpers/gpu';
import { philoxNormals, philoxUniforms } from '../philox';
import { compile } from '../plan';
import { State } from '../state';
import type { Tensor } from '../tensor';
import { argsort } from './argsort';
import { maskKeys } from './maskKeys';
import { batchIndices, randomNormal, randomUniform } from './random';

const SEED = 12345;

/** A drawn tensor at several steps. */
async function draw(build: (seed: Tensor, step: Tensor) => Tensor, steps: readonly number[]): Promise<number[][]> {
  const runtime = await testRuntime();
  const seed = new State('seed', [], 'u32', Uint32Array.of(SEED));
  const step = new State('step', [], 'u32');
  const plan = await compile(runtime, { outputs: { drawn: build(seed.tensor(), step.tensor()) }, poison: true });
  const rows: number[][] = [];
  for (const s of steps) {
    runtime.write(step, Uint32Array.of(s));
    plan.run();
    rows.push(Array.from(await plan.read('drawn')));
  }
  plan.dispose();
  return rows;
}

describe('random numbers on the device', () => {
  it.each([1, 7, 1031])('uniforms are the host’s, bit for bit: %i', async (count) => {
    const [first, later] = await draw((seed, step) => randomUniform(seed, step, [count], 'test'), [0, 9]);
    expect(first).toEqual(Array.from(philoxUniforms(count, SEED, 'test', 0)));
    expect(later).toEqual(Array.from(philoxUniforms(count, SEED, 'test', 9)));
  });

  it('normals are the host’s up to the device’s logarithm and sine', async () => {
    const [got = []] = await draw((seed, step) => randomNormal(seed, step, [1030], 'test'), [3]);
    const want = philoxNormals(1030, SEED, 'test', 3);
    expect(Math.max(...got.map((x, i) => Math.abs(x - (want[i] ?? NaN))))).toBeLessThan(5e-3);
    const mean = got.reduce((a, b) => a + b, 0) / got.length;
    const variance = got.reduce((a, b) => a + (b - mean) ** 2, 0) / got.length;
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(got.length));
    expect(Math.abs(variance - 1)).toBeLessThan(0.2);
  });

  it.each([
    [60, 12],
    [67, 10],
    [5, 8],
  ])('every one of %i items comes once an epoch, in batches of %i, and otherwise each epoch', async (count, batch) => {
    const steps = Array.from({ length: Math.ceil((2 * count) / batch) }, (_, i) => i);
    const rows = await draw((seed, step) => batchIndices(seed, step, { count, batch, stream: 'batch' }), steps);
    const all = rows.flat();
    const [first, second] = [all.slice(0, count), all.slice(count, 2 * count)];
    const whole = Array.from({ length: count }, (_, i) => i);
    expect([...first].sort((a, b) => a - b)).toEqual(whole);
    expect([...second].sort((a, b) => a - b)).toEqual(whole);
    expect(second).not.toEqual(first);
  });

  it.each(['random', 'block', 'grid'] as const)('masks of shape %s order all patches of every image', async (shape) => {
    const [rows, grid] = [5, 7];
    const build = (seed: Tensor, step: Tensor) =>
      argsort(maskKeys(seed, step, { rows, grid, shape, stream: 'mask' })).indices;
    const [first = [], again = [], later = []] = await draw(build, [0, 0, 1]);
    const whole = Array.from({ length: grid * grid }, (_, i) => i);
    const image = (order: number[], n: number) => order.slice(n * whole.length, (n + 1) * whole.length);
    for (let n = 0; n < rows; n++) expect([...image(first, n)].sort((a, b) => a - b)).toEqual(whole);
    expect(again).toEqual(first);
    expect(later).not.toEqual(first);
    expect(image(first, 1)).not.toEqual(image(first, 0));
  });
});
