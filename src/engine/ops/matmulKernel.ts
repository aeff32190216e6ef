/** Which entry point of shaders/matmul.wgsl computes a product on a device, and with which grid. */
import type { DeviceTraits } from '../../gpu/device';
import type { Kernel, Operand } from '../op';

export interface Product {
  /** C [M, N] = op(A) [M, K] · op(B) [K, N], for each of `batches`. */
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly batches: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  /** One operand for all batches. */
  readonly sharedA?: boolean;
  readonly sharedB?: boolean;
  /** The column sums of op(B) come with it. */
  readonly columnSums?: boolean;
}

export const MATMUL_VARIANTS = ['registerTile', 'smallTile', 'scalarTile', 'workgroupTile'] as const;
export type MatmulVariant = (typeof MATMUL_VARIANTS)[number];

/** Rows and columns of C that one workgroup covers. */
function reach(variant: MatmulVariant): { rows: number; columns: number } {
  if (variant === 'workgroupTile') return { rows: 64, columns: 64 };
  const side = variant === 'registerTile' ? 8 : 4;
  return { rows: side * 4, columns: side * 4 };
}

/** vec4 loads need the contiguous axes to divide by 4. */
export function vectorises({ M, N, K, transposeA, transposeB }: Product): boolean {
  return N % 4 === 0 && (transposeA ? M : K) % 4 === 0 && (transposeB ? K : N) % 4 === 0;
}

/** Names a product for tables of variants. */
export function productKey({ M, N, K, batches, transposeA, transposeB, columnSums }: Product): string {
  const layout = `${transposeA ? 't' : 'n'}${transposeB ? 't' : 'n'}${columnSums ? '+sums' : ''}`;
  return `matmul|${batches}x${M}x${N}x${K}|${layout}`;
}

export interface MatmulChoice {
  readonly variant: MatmulVariant;
  readonly splits: number;
}

/** Tiles of 64×64 that a real GPU wants in flight before it is worth splitting K no further. */
const WANTED_TILES = 96;

/**
 * The variant for a product: what tuning found, else by class of device and shape. CPU adapters take registers straight from storage
 * (barriers are dear there); GPUs take workgroup tiles, and cut a tall K where the output has few tiles.
 */
export function chooseMatmul(device: DeviceTraits, product: Product): MatmulChoice {
  const tuned = device.variants?.[productKey(product)];
  if (tuned !== undefined) {
    const [variant, splits] = tuned.split('/');
    if (MATMUL_VARIANTS.includes(variant as MatmulVariant))
      return { variant: variant as MatmulVariant, splits: Number(splits ?? 1) };
  }
  const { M, N, K, batches } = product;
  if (!vectorises(product)) return { variant: 'scalarTile', splits: 1 };
  if (device.deviceClass === 'software') {
    const tiles = Math.ceil(M / 8) * Math.ceil(N / 8) * batches;
    return { variant: tiles >= 48 ? 'registerTile' : 'smallTile', splits: 1 };
  }
  const tiles = Math.ceil(M / 64) * Math.ceil(N / 64) * batches;
  const splits = K >= 512 ? Math.min(Math.floor(K / 128), Math.ceil(WANTED_TILES / tiles)) : 1;
  const small = M < 32 || N < 32 || (K < 32 && splits === 1);
  return { variant: small ? 'smallTile' : 'workgroupTile', splits: Math.max(1, splits) };
}

export interface ProductBuffers {
  readonly a: Operand;
  readonly b: Operand;
  readonly out: Operand;
  /** Column sums of op(B) [N] as well; products of one batch only. */
  readonly columnSums?: Operand;
}

type Scratch = (shape: readonly number[]) => Operand;

/** The dispatches of a product: one, or two when K is split. */
export function productKernels(
  buffers: ProductBuffers,
  product: Product,
  choice: MatmulChoice,
  scratch: Scratch,
): Kernel[] {
  const { M, N, K, batches } = product;
  const { a, b, out, columnSums } = buffers;
  const chunk = Math.ceil(K / choice.splits / 16) * 16;
  const splits = Math.max(1, Math.ceil(K / chunk));
  if (splits === 1) return [tileKernel(buffers, product, choice.variant, 1, Math.max(4, K))];
  const parts = scratch([splits * batches, M, N]);
  const partSums = columnSums && scratch([splits, N]);
  const first = tileKernel(
    { a, b, out: parts, ...(partSums && { columnSums: partSums }) },
    product,
    choice.variant,
    splits,
    chunk,
  );
  const { epilogue: _unused, ...tile } = first;
  const second: Kernel = {
    shader: 'matmul',
    entry: columnSums ? 'sumSplitsSums' : 'sumSplits',
    uniform: { ...sizes(product), splits, chunk },
    bindings: { a: parts, out, ...(columnSums && partSums && { b: partSums, columnSums }) },
    workgroups: [Math.ceil((M * N) / 64), batches],
    flops: splits * M * N * batches,
    epilogue: 1,
  };
  return [tile, second];
}

function sizes({ M, N, K, sharedA, sharedB }: Product) {
  return { M, N, K, batchA: sharedA ? 0 : M * K, batchB: sharedB ? 0 : K * N };
}

function tileKernel(
  buffers: ProductBuffers,
  product: Product,
  variant: MatmulVariant,
  splits: number,
  chunk: number,
): Kernel {
  const { M, N, K, batches, transposeA, transposeB } = product;
  const { a, b, out, columnSums } = buffers;
  const wide = variant !== 'scalarTile';
  const { rows, columns } = reach(variant);
  return {
    shader: 'matmul',
    entry: columnSums ? `${variant}Sums` : variant,
    constants: {
      TRANSPOSE_A: transposeA ? 1 : 0,
      TRANSPOSE_B: transposeB ? 1 : 0,
      ...(variant === 'registerTile' && { TAIL: K % 4 === 0 ? 0 : 1 }),
    },
    uniform: { ...sizes(product), splits, chunk },
    bindings: {
      ...(wide ? { a4: a, b4: b, out4: out } : { a, b, out }),
      ...(columnSums && { columnSums }),
    },
    workgroups: [Math.ceil(N / columns), Math.ceil(M / rows), batches * splits],
    flops: 2 * M * N * K * batches,
    epilogue: wide ? 4 : 1,
  };
}
