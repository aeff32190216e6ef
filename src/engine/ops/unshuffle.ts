import { defineOp, type Kernel, type Operand } from '../op';
import { ShapeError, type Tensor } from '../tensor';
import { lineGrid } from './grid';
import { sum } from './reduce';

/** rows [B, K, D], token [D], restore u32 [B, L] → [B, L, D]. */
export const unshuffleOp = defineOp<Record<string, never>>({
  name: 'unshuffle',
  infer: (inputs) => {
    const [rows, token, restore] = inputs;
    const fits = rows?.shape.length === 3 && restore?.shape.length === 2 && rows.shape[0] === restore.shape[0];
    if (!fits || token?.shape.join() !== String(rows.shape[2]) || restore.dtype !== 'u32') {
      throw new ShapeError('unshuffle', 'takes rows [B, K, D], token [D] and u32 places [B, L]', inputs);
    }
    return [{ shape: [...restore.shape, rows.shape[2] ?? 1], dtype: 'f32' }];
  },
  vjp: ({ inputs: [rows, token, restore], cotangents: [g], needs }) => {
    if (!rows || !token || !restore || !g) return [];
    const [batch = 1, kept = 1] = rows.shape;
    return [
      needs[0] ? unshuffleRowsGradOp.one([g, restore], { kept }) : undefined,
      needs[1] ? sum(unshuffleTokenGradOp.one([g, restore], { kept, batch }), [0]) : undefined,
      undefined,
    ];
  },
  kernels: ({ inputs: [rows, token, restore], outputs: [out] }) => {
    if (!rows || !token || !restore || !out) return [];
    return [kernel('forward', { rows, token, restore, out }, out, rows.shape[1] ?? 1, restore)];
  },
});

/** Cotangent [B, L, D] and places → gradient by the kept rows [B, K, D]. */
export const unshuffleRowsGradOp = defineOp<{ kept: number }>({
  name: 'unshuffleRowsGrad',
  infer: ([g], { kept }) => [{ shape: [g?.shape[0] ?? 1, kept, g?.shape[2] ?? 1], dtype: 'f32' }],
  kernels: ({ inputs: [cotangent, restore], outputs: [out], attrs: { kept } }) =>
    cotangent && restore && out ? [kernel('rowGradient', { cotangent, restore, out }, out, kept, restore)] : [],
});

/** Cotangent [B, L, D] and places → each image's part of the token's gradient [B, D]. */
export const unshuffleTokenGradOp = defineOp<{ kept: number; batch: number }>({
  name: 'unshuffleTokenGrad',
  infer: ([g], { batch }) => [{ shape: [batch, g?.shape[2] ?? 1], dtype: 'f32' }],
  kernels: ({ inputs: [cotangent, restore], outputs: [out], attrs: { kept } }) =>
    cotangent && restore && out ? [kernel('tokenPartials', { cotangent, restore, out }, out, kept, restore)] : [],
});

function kernel(
  entry: string,
  bindings: Record<string, Operand>,
  out: Operand,
  kept: number,
  restore: Operand,
): Kernel {
  const { workgroups, count, width } = lineGrid(out.size);
  const uniform = { count, width, kept, places: restore.shape[1] ?? 1, depth: out.shape.at(-1) ?? 1 };
  return { shader: 'unshuffle', entry, uniform, bindings, workgroups };
}

/**
 * Kept rows in their places and a shared token elsewhere: place l of image b takes row restore[b,l] if that is below K. `restore` is a
 * permutation of 0…L−1 in each image (argsort's ranks).
 */
export function unshuffle(rows: Tensor, token: Tensor, restore: Tensor): Tensor {
  return unshuffleOp.one([rows, token, restore], {});
}
