import { describe, expect, it } from 'vitest';
import { testRuntime } from '../../../tests/helpers/gpu';
import { vjp } from '../autodiff';
import { relativeError } from '../goldenCheck';
import { philoxNormals } from '../philox';
import { compile } from '../plan';
import { constant } from '../state';
import type { Tensor } from '../tensor';
import { conv, convOp, convTranspose } from './conv';
import { add, relu } from './pointwise';
import { upsampleNearest } from './upsample';

function normals(name: string, shape: readonly number[]): Tensor {
  const size = shape.reduce((n, d) => n * d, 1);
  return constant(philoxNormals(size, 1, name), shape);
}

async function values(outputs: Readonly<Record<string, Tensor | undefined>>): Promise<number[][]> {
  const known = Object.fromEntries(Object.entries(outputs).flatMap(([name, t]) => (t ? [[name, t] as const] : [])));
  expect(Object.keys(known)).toEqual(Object.keys(outputs));
  const plan = await compile(await testRuntime(), { outputs: known, poison: true });
  plan.run();
  const read: number[][] = [];
  for (const name of Object.keys(known)) read.push(Array.from(await plan.read(name)));
  plan.dispose();
  return read;
}

describe('convolution in use', () => {
  it('fuses bias, residual and activation into its own dispatch', async () => {
    const x = normals('x', [2, 4, 6, 6]);
    const y = relu(add(add(conv(x, normals('w', [3, 3, 4, 4]), { padding: 1 }), normals('b', [4, 1, 1])), x));
    const plan = await compile(await testRuntime(), { outputs: { y } });
    expect(plan.dispatches.length).toBe(1);
    plan.dispose();
  });

  it('a window of one element is a product of matrices, with the same numbers', async () => {
    const [x, w] = [normals('x', [2, 5, 3, 7]), normals('w', [1, 1, 5, 6])];
    const attrs = { stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1 };
    const [product, direct] = [conv(x, w), convOp.one([x, w], attrs)];
    expect(product.node.op).not.toBe(direct.node.op);
    const g = normals('g', product.shape);
    const [productDx, productDw] = vjp([product], [g], [x, w]);
    const [directDx, directDw] = vjp([direct], [g], [x, w]);
    const found = await values({ product, productDx, productDw });
    const want = await values({ direct, directDx, directDw });
    found.forEach((one, i) => expect(relativeError(one, want[i] ?? [])).toBeLessThan(1e-5));
  });

  it('the transposed convolution undoes the shape', () => {
    const y = conv(normals('x', [1, 3, 9, 12]), normals('w', [4, 4, 3, 5]), { stride: 2, padding: 1 });
    const back = convTranspose(y, normals('w', [4, 4, 3, 5]), { stride: 2, padding: 1, lengths: [9, 12] });
    expect(back.shape).toEqual([1, 3, 9, 12]);
  });

  it('says what does not fit', () => {
    const x = normals('x', [1, 3, 5, 5]);
    expect(() => conv(x, normals('w', [3, 3, 4, 8]))).toThrow(/conv.*C\/groups/s);
    expect(() => conv(x, normals('w', [7, 7, 3, 8]))).toThrow(/larger than the padded input/);
    expect(() => conv(x, normals('w', [3, 3, 3, 8]), { stride: [1] })).toThrow(/for each of 2 axes/);
  });
});

describe('nearest upsampling', () => {
  it('repeats each element, and its gradient sums the copies', async () => {
    const [B, C, H, W] = [2, 3, 5, 4];
    const x = normals('x', [B, C, H, W]);
    const y = upsampleNearest(x);
    const g = normals('g', y.shape);
    const [dx] = vjp([y], [g], [x]);
    const [got = [], slope = []] = await values({ y, dx });
    const [source, cotangent] = [philoxNormals(B * C * H * W, 1, 'x'), philoxNormals(4 * B * C * H * W, 1, 'g')];
    const want = new Float64Array(4 * B * C * H * W);
    const wantSlope = new Float64Array(B * C * H * W);
    for (let i = 0; i < want.length; i++) {
      const [row, column] = [Math.floor(i / (2 * W)), i % (2 * W)];
      const from = Math.floor(row / 2) * W + Math.floor(column / 2);
      want[i] = source[from] ?? NaN;
      wantSlope[from] = (wantSlope[from] ?? 0) + (cotangent[i] ?? NaN);
    }
    expect(relativeError(got, want)).toBe(0);
    expect(relativeError(slope, wantSlope)).toBeLessThan(1e-6);
  });
});
