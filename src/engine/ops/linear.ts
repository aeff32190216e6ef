import { defineOp } from '../op';
import { ShapeError, sizeOf, type Shape, type Tensor } from '../tensor';
import { matmul } from './matmul';
import { productF16, takesF16 } from './matmulF16';
import { chooseMatmul, productKernels, type Product } from './matmulKernel';
import { add } from './pointwise';
import { stopGradient } from './stopGradient';

function forward(x: Shape, w: Shape): Product {
  const [K = 1, N = 1] = w;
  return { M: sizeOf(x) / K, N, K, batches: 1, transposeA: false, transposeB: false };
}

/**
 * x·W of a linear layer, x [..., K], W [K, N], with its bias b [N] named but not added: the bias joins in the fused epilogue, while its
 * gradient (the column sums of dy) falls out of the same dispatch as dW, which reads all of dy anyway.
 */
export const linearOp = defineOp<Record<string, never>>({
  name: 'linear',
  infer: (inputs) => {
    const [x, w, b] = inputs;
    if (
      !x ||
      !w ||
      !b ||
      w.shape.length !== 2 ||
      x.shape.at(-1) !== w.shape[0] ||
      b.shape.join() !== String(w.shape[1])
    ) {
      throw new ShapeError('linear', 'takes x [..., K], weight [K, N] and bias [N]', inputs);
    }
    return [{ shape: [...x.shape.slice(0, -1), w.shape[1] ?? 1], dtype: 'f32' }];
  },
  vjp: ({ inputs: [x, w], cotangents: [dy], needs }) => {
    if (!x || !w || !dy) return [undefined, undefined, undefined];
    const dx = needs[0] ? matmul(dy, w, { transposeB: true }) : undefined;
    const [dw, db] = needs[1] || needs[2] ? linearGradOp.apply([x, dy], {}) : [];
    return [dx, dw, db];
  },
  kernels: ({ inputs: [x, w], outputs: [out], device, scratch }) => {
    if (!x || !w || !out) return [];
    const product = forward(x.shape, w.shape);
    if (takesF16(device, product)) return [productF16({ a: x, b: w, out }, product)];
    return productKernels({ a: x, b: w, out }, product, chooseMatmul(device, product), (shape) => scratch(shape));
  },
});

/** x [..., K], dy [..., N] → dW = xᵀ·dy [K, N] and db = Σ dy [N], in one dispatch (two where K is split). */
export const linearGradOp = defineOp<Record<string, never>>({
  name: 'linearGrad',
  infer: (inputs) => {
    const [x, dy] = inputs;
    const [K, N] = [x?.shape.at(-1) ?? 1, dy?.shape.at(-1) ?? 1];
    if (!x || !dy || sizeOf(x.shape) / K !== sizeOf(dy.shape) / N)
      throw new ShapeError('linearGrad', 'x and dy must have equal rows', inputs);
    return [
      { shape: [K, N], dtype: 'f32' },
      { shape: [N], dtype: 'f32' },
    ];
  },
  kernels: ({ inputs: [x, dy], outputs: [dw, db], device, scratch }) => {
    if (!x || !dy || !dw || !db) return [];
    const [M = 1, N = 1] = dw.shape;
    const K = x.size / M;
    const product: Product = { M, N, K, batches: 1, transposeA: true, transposeB: false, columnSums: true };
    const buffers = { a: x, b: dy, out: dw, columnSums: db };
    return productKernels(buffers, product, chooseMatmul(device, product), (shape) => scratch(shape));
  },
});

/** x·W + b: x [..., K], weight [K, N], bias [N] → [..., N]. */
export function linear(x: Tensor, weight: Tensor, bias: Tensor): Tensor {
  return add(linearOp.one([x, weight, bias], {}), stopGradient(bias));
}
