import { defineOp } from '../op';
import { sameShape, ShapeError, sizeOf, type Shape, type Tensor } from '../tensor';
import { chooseMatmul, productKernels, type Product } from './matmulKernel';
import { sumTo } from './reduce';

interface MatmulAttrs {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** Shapes of a product; an operand without batch dimensions serves all batches. */
function productOf(
  a: Shape,
  b: Shape,
  { transposeA, transposeB }: MatmulAttrs,
): { product: Product; shape: Shape } | undefined {
  if (a.length < 2 || b.length < 2) return undefined;
  const [a0 = 1, a1 = 1] = a.slice(-2);
  const [b0 = 1, b1 = 1] = b.slice(-2);
  const [M, K] = transposeA ? [a1, a0] : [a0, a1];
  const [K2, N] = transposeB ? [b1, b0] : [b0, b1];
  const [batchA, batchB] = [a.slice(0, -2), b.slice(0, -2)];
  if (K !== K2) return undefined;
  if (batchA.length > 0 && batchB.length > 0 && !sameShape(batchA, batchB)) return undefined;
  const batch = batchA.length > 0 ? batchA : batchB;
  const batches = sizeOf(batch);
  const shape = [...batch, M, N];
  // One right-hand side for all: the batches are more rows of one product.
  if (batchB.length === 0 && !transposeA) {
    return { product: { M: M * batches, N, K, batches: 1, transposeA, transposeB }, shape };
  }
  const shared = { sharedA: batchA.length === 0, sharedB: batchB.length === 0 };
  return { product: { M, N, K, batches, transposeA, transposeB, ...shared }, shape };
}

/** A [..., M, K] (or [..., K, M]) · B [..., K, N] (or [..., N, K]) → [..., M, N]. */
export const matmulOp = defineOp<MatmulAttrs>({
  name: 'matmul',
  infer: (inputs, attrs) => {
    const [a, b] = inputs;
    const found = a && b && productOf(a.shape, b.shape, attrs);
    if (!found) {
      const flags = `${attrs.transposeA ? ', A transposed' : ''}${attrs.transposeB ? ', B transposed' : ''}`;
      throw new ShapeError(
        'matmul',
        `inner dimensions or batches differ${flags}; A's columns must equal B's rows`,
        inputs,
      );
    }
    return [{ shape: found.shape, dtype: 'f32' }];
  },
  vjp: ({ inputs: [a, b], cotangents: [g], attrs: { transposeA, transposeB }, needs }) => {
    if (!a || !b || !g) return [undefined, undefined];
    const da = () =>
      transposeA
        ? matmul(b, g, { transposeA: transposeB, transposeB: true })
        : matmul(g, b, { transposeA: false, transposeB: !transposeB });
    const db = () =>
      transposeB
        ? matmul(g, a, { transposeA: true, transposeB: transposeA })
        : matmul(a, g, { transposeA: !transposeA, transposeB: false });
    return [needs[0] ? sumTo(da(), a.shape) : undefined, needs[1] ? sumTo(db(), b.shape) : undefined];
  },
  kernels: ({ inputs: [a, b], outputs: [out], attrs, device, scratch }) => {
    const found = a && b && productOf(a.shape, b.shape, attrs);
    if (!found || !out) return [];
    return productKernels({ a, b, out }, found.product, chooseMatmul(device, found.product), (shape) => scratch(shape));
  },
});

/**
 * Matrix product over the last two dimensions, in f32; either operand may be transposed and either may serve all batches of the other.
 * Throws ShapeError when inner dimensions or batches differ.
 */
export function matmul(a: Tensor, b: Tensor, options: { transposeA?: boolean; transposeB?: boolean } = {}): Tensor {
  return matmulOp.one([a, b], { transposeA: options.transposeA ?? false, transposeB: options.transposeB ?? false });
}
