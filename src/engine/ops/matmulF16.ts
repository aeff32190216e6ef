/** Products whose operands are held as f16, in shaders/matmulF16.wgsl; sums are f32 always. */
import type { DeviceTraits } from '../../gpu/device';
import type { Kernel } from '../op';
import { vectorises, type Product, type ProductBuffers } from './matmulKernel';

/** Smaller outputs fill too little of a 64×64 tile. */
const SMALLEST_SIDE = 16;

/**
 * Whether a forward product x·W runs with f16 operands: where the plan asks for it, neither operand is transposed, and the shape takes
 * vec4 loads. Products of gradients stay f32: the gradient of a mean over a batch is some 1e-6 and less an element, below f16's smallest
 * normal number (6e-5), where bits are lost or all of it; a scaled loss would need a scale found by trial, and steps thrown away.
 */
export function takesF16(device: DeviceTraits, product: Product): boolean {
  const { M, N, batches, transposeA, transposeB } = product;
  return (
    device.precision === 'f16' &&
    batches === 1 &&
    !transposeA &&
    !transposeB &&
    vectorises(product) &&
    Math.min(M, N) >= SMALLEST_SIDE
  );
}

/** The one dispatch of a product that `takesF16`. */
export function productF16({ a, b, out }: ProductBuffers, { M, N, K }: Product): Kernel {
  return {
    shader: 'matmulF16',
    entry: 'workgroupTile',
    uniform: { M, N, K },
    bindings: { a4: a, b4: b, out4: out },
    workgroups: [Math.ceil(N / 64), Math.ceil(M / 64)],
    flops: 2 * M * N * K,
    epilogue: 4,
  };
}
