import { describe, expect, it } from 'vitest';
import { testRuntime } from '../../../tests/helpers/gpu';
import { philoxNormals } from '../philox';
import { compile } from '../plan';
import { constant } from '../state';
import { argsort } from './argsort';
import { topK } from './topK';

/** Where each row's keys go: stable, NaN last either way. */
function orderOf(keys: Float32Array, rows: number, n: number, descending: boolean): number[] {
  return Array.from({ length: rows }, (_, row) => {
    const own = keys.subarray(row * n, (row + 1) * n);
    const rank = (i: number) => {
      const x = own[i] ?? NaN;
      return Number.isNaN(x) ? Infinity : descending ? -x : x;
    };
    return Array.from({ length: n }, (_, i) => i).sort((a, b) => {
      const [x, y] = [rank(a), rank(b)];
      return x === y ? a - b : x - y;
    });
  }).flat();
}

const inverse = (order: readonly number[], n: number) => {
  const ranks: number[] = [];
  order.forEach((index, i) => (ranks[Math.floor(i / n) * n + index] = i % n));
  return ranks;
};

async function sorted(keys: Float32Array, shape: readonly number[], descending: boolean) {
  const plan = await compile(await testRuntime(), {
    outputs: { ...argsort(constant(keys, shape), { descending }) },
    poison: true,
  });
  plan.run();
  const [indices, ranks] = [Array.from(await plan.read('indices')), Array.from(await plan.read('ranks'))];
  const dispatches = plan.dispatches.length;
  plan.dispose();
  return { indices, ranks, dispatches };
}

/** Rows around the lengths of runs (64 on software adapters, 512 on others), and of two and three; the last as point clouds have them. */
const SHAPES = [
  [2, 128],
  [3, 129],
  [3, 512],
  [3, 513],
  [2, 1024],
  [1, 1025],
  [2, 1537],
  [1, 5003],
  [1, 65536],
] as const;

describe('argsort of long rows', () => {
  for (const [rows, n] of SHAPES)
    for (const descending of [false, true])
      it(`${rows}×${n}${descending ? ', downwards' : ''}: distinct keys, and many equal ones with NaN among them`, async () => {
        const distinct = philoxNormals(rows * n, 3, 'keys');
        const equal = distinct.map((x, i) => (i % 97 === 5 ? NaN : Math.round(x)));
        const software = (await testRuntime()).gpu.traits.deviceClass === 'software';
        const [one, run] = software ? [128, 64] : [512, 512];
        for (const keys of [distinct, equal]) {
          const { indices, ranks, dispatches } = await sorted(keys, [rows, n], descending);
          const want = orderOf(keys, rows, n, descending);
          // Plain comparisons: a report of 65,536 differences helps nobody.
          expect(indices.findIndex((x, i) => x !== want[i])).toBe(-1);
          const back = inverse(want, n);
          expect(ranks.findIndex((x, i) => x !== back[i])).toBe(-1);
          expect(dispatches).toBe(n <= one ? 1 : 2 + Math.ceil(Math.log2(n / run)));
        }
      });

  it('repeats bit for bit', async () => {
    const keys = philoxNormals(3 * 2001, 4, 'keys').map((x) => Math.round(x * 2));
    expect(await sorted(keys, [3, 2001], false)).toEqual(await sorted(keys, [3, 2001], false));
  });
});

describe('top-k of long rows', () => {
  it.each([
    [1, 65536, 37],
    [3, 1025, 5],
    [2, 1300, 1300],
  ])('%d×%d, k = %d', async (rows, n, k) => {
    const keys = philoxNormals(rows * n, 5, 'keys').map((x, i) => (i % 3 === 0 ? Math.round(x * 4) / 4 : x));
    const plan = await compile(await testRuntime(), {
      outputs: { ...topK(constant(keys, [rows, n]), k) },
      poison: true,
    });
    plan.run();
    const order = orderOf(keys, rows, n, true);
    const want = Array.from({ length: rows }, (_, row) => order.slice(row * n, row * n + k)).flat();
    expect(Array.from(await plan.read('indices'))).toEqual(want);
    const values = want.map((index, i) => keys[Math.floor(i / k) * n + index]);
    expect(Array.from(await plan.read('values'))).toEqual(values);
    plan.dispose();
  });

  it('names how many there are', () => {
    expect(() => topK(constant(new Float32Array(2000), [2000]), 2001)).toThrow(/topK.*cannot take 2001 of 2000/);
  });
});
