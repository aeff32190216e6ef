import { describe, expect, it } from 'vitest';
import { DEVICE_CLASSES, runtimeAs } from '../../../tests/helpers/deviceClasses';
import { vjp } from '../autodiff';
import { relativeError } from '../goldenCheck';
import { philoxNormals, philoxUniforms } from '../philox';
import { compile } from '../plan';
import { constant } from '../state';
import type { Tensor } from '../tensor';
import { attention, attentionMap } from './attention';

interface Case {
  readonly B: number;
  readonly N: number;
  readonly H: number;
  readonly d: number;
  readonly causal: boolean;
  readonly masked: boolean;
}

/** Attention, its map and the gradient of Σ out∘g by qkv, by plain loops in float64. */
function reference(qkv: Float32Array, g: Float32Array, mask: Float32Array | undefined, { B, N, H, d, causal }: Case) {
  const W = H * d;
  const out = new Float64Array(B * N * W);
  const map = new Float64Array(B * H * N * N);
  const grad = new Float64Array(B * N * 3 * W);
  const at = (b: number, n: number, part: number, h: number, c: number) => (b * N + n) * 3 * W + part * W + h * d + c;
  const add = (i: number, v: number) => (grad[i] = (grad[i] ?? 0) + v);
  const scale = 1 / Math.sqrt(d);
  for (let b = 0; b < B; b++)
    for (let h = 0; h < H; h++)
      for (let i = 0; i < N; i++) {
        const keys = Array.from({ length: N }, (_, j) => j).filter(
          (j) => (!causal || j <= i) && (mask ? mask[b * N + j] !== 0 : true),
        );
        const s = keys.map((j) => {
          let t = 0;
          for (let c = 0; c < d; c++) t += (qkv[at(b, i, 0, h, c)] ?? 0) * (qkv[at(b, j, 1, h, c)] ?? 0);
          return t * scale;
        });
        const top = Math.max(...s);
        const e = s.map((x) => Math.exp(x - top));
        const total = e.reduce((a, x) => a + x, 0);
        const p = e.map((x) => x / total);
        const row = (b * N + i) * W + h * d;
        const dp = keys.map((j, k) => {
          let t = 0;
          for (let c = 0; c < d; c++) {
            const v = qkv[at(b, j, 2, h, c)] ?? 0;
            out[row + c] = (out[row + c] ?? 0) + (p[k] ?? 0) * v;
            t += (g[row + c] ?? 0) * v;
          }
          map[((b * H + h) * N + i) * N + j] = p[k] ?? 0;
          return t;
        });
        const mean = dp.reduce((a, x, k) => a + x * (p[k] ?? 0), 0);
        keys.forEach((j, k) => {
          const ds = (p[k] ?? 0) * ((dp[k] ?? 0) - mean) * scale;
          for (let c = 0; c < d; c++) {
            add(at(b, i, 0, h, c), ds * (qkv[at(b, j, 1, h, c)] ?? 0));
            add(at(b, j, 1, h, c), ds * (qkv[at(b, i, 0, h, c)] ?? 0));
            add(at(b, j, 2, h, c), (p[k] ?? 0) * (g[row + c] ?? 0));
          }
        });
      }
  return { out, map, grad };
}

const CASES: readonly (readonly [number, number, number, number])[] = [
  [1, 1, 1, 4],
  [2, 3, 1, 8],
  [2, 13, 4, 16],
  [1, 17, 3, 9],
  [1, 37, 2, 32],
  [1, 70, 1, 128],
];

describe.each(DEVICE_CLASSES)('attention with the kernels of class %s', (deviceClass) => {
  for (const [B, N, H, d] of CASES) {
    for (const causal of [false, true]) {
      for (const masked of [false, true]) {
        const shape: Case = { B, N, H, d, causal, masked };
        it(`B ${B}, N ${N}, H ${H}, d ${d}${causal ? ', causal' : ''}${masked ? ', padded keys' : ''}`, async () => {
          const runtime = await runtimeAs(deviceClass);
          const qkv = philoxNormals(B * N * 3 * H * d, 5, 'qkv').map((x) => x * 2);
          const g = philoxNormals(B * N * H * d, 5, 'g');
          // The first image has no key at all when there are two: its rows must be zero.
          const mask = masked
            ? philoxUniforms(B * N, 5, 'mask').map((u, i) => (B > 1 && i < N ? 0 : u < 0.7 ? 1 : 0))
            : undefined;
          const x = constant(qkv, [B, N, 3 * H * d]);
          const options = { heads: H, causal, ...(mask && { keyMask: constant(mask, [B, N]) }) };
          const out = attention(x, options);
          const [dqkv] = vjp([out], [constant(g, [B, N, H * d])], [x]);
          const plan = await compile(runtime, {
            outputs: { out, dqkv: dqkv as Tensor, map: attentionMap(x, options) },
            poison: true,
          });
          plan.run();
          const want = reference(qkv, g, mask, shape);
          expect(relativeError(await plan.read('out'), want.out)).toBeLessThan(1e-5);
          expect(relativeError(await plan.read('map'), want.map)).toBeLessThan(1e-5);
          expect(relativeError(await plan.read('dqkv'), want.grad)).toBeLessThan(2e-5);
          plan.dispose();
        });
      }
    }
  }

  it('names heads that do not divide the width', () => {
    expect(() => attention(constant(new Float32Array(30), [1, 2, 15]), { heads: 2 })).toThrow(/attention.*2 heads/);
  });
});
