import { describe, expect, it } from 'vitest';
import { testRuntime } from '../../../tests/helpers/gpu';
import { gradients, vjp } from '../autodiff';
import { relativeError } from '../goldenCheck';
import { philoxNormals } from '../philox';
import { compile } from '../plan';
import { Runtime } from '../runtime';
import { constant } from '../state';
import type { Tensor } from '../tensor';
import { linear } from './linear';
import { matmul } from './matmul';
import { MATMUL_VARIANTS, productKey, vectorises, type Product } from './matmulKernel';
import { gelu, mul } from './pointwise';
import { sum } from './reduce';

/** Σ_k op(A)[m,k]·op(B)[k,n] in float64. */
function product(
  a: Float32Array,
  b: Float32Array,
  { M, N, K, batches, transposeA, transposeB }: Product,
): Float64Array {
  const c = new Float64Array(batches * M * N);
  for (let z = 0; z < batches; z++)
    for (let m = 0; m < M; m++)
      for (let n = 0; n < N; n++) {
        let s = 0;
        for (let k = 0; k < K; k++) {
          const x = a[z * M * K + (transposeA ? k * M + m : m * K + k)] ?? 0;
          s += x * (b[z * K * N + (transposeB ? n * K + k : k * N + n)] ?? 0);
        }
        c[(z * M + m) * N + n] = s;
      }
  return c;
}

const SIZES = [
  [1, 1, 1],
  [3, 5, 7],
  [8, 8, 8],
  [13, 20, 12],
  [4, 4, 52],
  [65, 68, 64],
  [72, 132, 36],
  [61, 67, 71],
  [128, 64, 200],
] as const;

const PRODUCTS: Product[] = SIZES.flatMap(([M, N, K]) =>
  [1, 3].flatMap((batches) =>
    ['nn', 'nt', 'tn', 'tt'].map((flags) => ({
      ...{ M, N, K, batches },
      ...{ transposeA: flags[0] === 't', transposeB: flags[1] === 't' },
    })),
  ),
);

describe('matmul', () => {
  for (const wanted of PRODUCTS) {
    const { M, N, K, batches, transposeA, transposeB } = wanted;
    const flags = `${transposeA ? 't' : 'n'}${transposeB ? 't' : 'n'}`;
    it(`${batches}×${M}×${N}×${K} ${flags}: each variant, whole and split`, async () => {
      const { gpu } = await testRuntime();
      const [a, b] = [philoxNormals(batches * M * K, 1, 'a'), philoxNormals(batches * K * N, 1, 'b')];
      const want = product(a, b, wanted);
      const A = constant(a, transposeA ? [batches, K, M] : [batches, M, K]);
      const B = constant(b, transposeB ? [batches, N, K] : [batches, K, N]);
      for (const variant of MATMUL_VARIANTS) {
        if (variant !== 'scalarTile' && !vectorises(wanted)) continue;
        for (const splits of [1, 3]) {
          const traits = { ...gpu.traits, variants: { [productKey(wanted)]: `${variant}/${splits}` } };
          const runtime = new Runtime({ ...gpu, traits });
          const outputs = { c: matmul(A, B, { transposeA, transposeB }) };
          const plan = await compile(runtime, { outputs, poison: true });
          plan.run();
          const error = relativeError(await plan.read('c'), want);
          expect(error, `${variant}/${splits}`).toBeLessThan(2e-6 * Math.sqrt(K) + 1e-6);
          plan.dispose();
          runtime.dispose();
        }
      }
    });
  }

  it('has the gradients of Σ C∘G for shared and transposed operands', async () => {
    const runtime = await testRuntime();
    const [a, w, g] = [
      philoxNormals(2 * 3 * 5, 2, 'a'),
      philoxNormals(5 * 7, 2, 'w'),
      philoxNormals(2 * 3 * 7, 2, 'g'),
    ];
    const A = constant(a, [2, 3, 5]);
    const W = constant(w, [5, 7]);
    const [da, dw] = vjp([matmul(A, W)], [constant(g, [2, 3, 7])], [A, W]);
    const plan = await compile(runtime, { outputs: { da: da as Tensor, dw: dw as Tensor }, poison: true });
    plan.run();
    const wantDa = product(g, w, { M: 6, N: 5, K: 7, batches: 1, transposeA: false, transposeB: true });
    const wantDw = product(a, g, { M: 5, N: 7, K: 6, batches: 1, transposeA: true, transposeB: false });
    expect(relativeError(await plan.read('da'), wantDa)).toBeLessThan(1e-5);
    expect(relativeError(await plan.read('dw'), wantDw)).toBeLessThan(1e-5);
    plan.dispose();
  });
});

describe('linear', () => {
  for (const [rows, K, N] of [
    [1, 1, 1],
    [7, 5, 3],
    [50, 16, 24],
    [131, 64, 192],
  ] as const) {
    for (const splits of [1, 4]) {
      it(`${rows}×${K}→${N}, K split in ${splits}: y, dx, dW, db`, async () => {
        const shared = await testRuntime();
        const key = productKey({ M: K, N, K: rows, batches: 1, transposeA: true, transposeB: false });
        const variant = N % 4 === 0 && K % 4 === 0 ? 'registerTile' : 'scalarTile';
        const traits = { ...shared.gpu.traits, variants: { [key]: `${variant}/${splits}` } };
        const runtime = new Runtime({ ...shared.gpu, traits });
        const [x, w, b] = [philoxNormals(rows * K, 3, 'x'), philoxNormals(K * N, 3, 'w'), philoxNormals(N, 3, 'b')];
        const g = philoxNormals(rows * N, 3, 'g');
        const inputs = [constant(x, [rows, K]), constant(w, [K, N]), constant(b, [N])] as const;
        const y = linear(...inputs);
        const [dx, dw, db] = vjp([y], [constant(g, [rows, N])], inputs);
        const plan = await compile(runtime, {
          outputs: { y, dx: dx as Tensor, dw: dw as Tensor, db: db as Tensor },
          poison: true,
        });
        plan.run();
        const wantY = product(x, w, { M: rows, N, K, batches: 1, transposeA: false, transposeB: false });
        for (let i = 0; i < wantY.length; i++) wantY[i] = (wantY[i] ?? 0) + (b[i % N] ?? 0);
        const wantDb = new Float64Array(N);
        g.forEach((v, i) => (wantDb[i % N] = (wantDb[i % N] ?? 0) + v));
        expect(relativeError(await plan.read('y'), wantY)).toBeLessThan(1e-5);
        expect(
          relativeError(
            await plan.read('dx'),
            product(g, w, { M: rows, N: K, K: N, batches: 1, transposeA: false, transposeB: true }),
          ),
        ).toBeLessThan(1e-5);
        expect(
          relativeError(
            await plan.read('dw'),
            product(x, g, { M: K, N, K: rows, batches: 1, transposeA: true, transposeB: false }),
          ),
        ).toBeLessThan(1e-5);
        expect(relativeError(await plan.read('db'), wantDb)).toBeLessThan(1e-5);
        plan.dispose();
        runtime.dispose();
      });
    }
  }

  it('fuses bias, activation and residual into one dispatch, and its backward into two', async () => {
    const runtime = await testRuntime();
    const x = constant(philoxNormals(32 * 16, 4, 'x'), [32, 16]);
    const [w, b] = [constant(philoxNormals(16 * 16, 4, 'w'), [16, 16]), constant(philoxNormals(16, 4, 'b'), [16])];
    const y = mul(gelu(linear(x, w, b)), x);
    const forward = await compile(runtime, { outputs: { y } });
    expect(forward.dispatches.length).toBe(1);
    forward.dispose();
    const [dw, db] = gradients(sum(y), [w, b]);
    const both = await compile(runtime, { outputs: { dw: dw as Tensor, db: db as Tensor } });
    expect(both.dispatches.length).toBeLessThanOrEqual(2);
    both.dispose();
  });
});
