import { defineOp, type Kernel, type Operand } from '../op';
import { ShapeError, type Tensor } from '../tensor';
import { lineGrid } from './grid';

export type Occupancy = 'binary' | 'density';

interface VoxelAttrs {
  /** Cells along an edge, R. */
  readonly side: number;
  readonly occupancy: Occupancy;
}

/** 256³ cells are 64 MB a cloud. */
const LARGEST_SIDE = 256;

/** points [B, N, 3] → [B, 1, R, R, R]. */
export const voxelsOp = defineOp<VoxelAttrs>({
  name: 'voxels',
  infer: (inputs, { side }) => {
    const [points] = inputs;
    if (points?.dtype !== 'f32' || points.shape.length !== 3 || points.shape[2] !== 3)
      throw new ShapeError('voxels', 'takes coordinates f32 [B, N, 3]', inputs);
    if (!Number.isInteger(side) || side < 1 || side > LARGEST_SIDE)
      throw new ShapeError('voxels', `a grid of ${side} cells along an edge; give 1 to ${LARGEST_SIDE}`, inputs);
    return [{ shape: [points.shape[0] ?? 0, 1, side, side, side], dtype: 'f32' }];
  },
  vjp: () => [undefined],
  kernels: ({ inputs: [points], outputs: [out], attrs: { side, occupancy }, scratch }) => {
    if (!points || !out) return [];
    const [B = 1, N = 1] = points.shape;
    const counts = scratch([B, side ** 3 + 1], 'u32');
    const sizes = { points: N, side, density: occupancy === 'density' ? 1 : 0 };
    const kernel = (entry: string, items: number, bindings: Readonly<Record<string, Operand>>): Kernel => {
      const { workgroups, count, width } = lineGrid(items);
      return { shader: 'voxels', entry, uniform: { ...sizes, count, width }, bindings, workgroups };
    };
    return [
      kernel('clear', counts.size, { counts }),
      kernel('count', B * N, { points, counts }),
      kernel('write', out.size, { counts, out }),
    ];
  },
});

/**
 * Clouds in [−1, 1]³ as grids of side³ cells: coordinates f32 [B, N, 3] → f32 [B, 1, side, side, side], indexed [z, y, x]: 1 where a cell
 * holds a point ('binary'), or its share of the fullest cell's points ('density'). Points outside are left out. No gradient. Throws
 * ShapeError. VoxNet (Maturana and Scherer 2015), which is fed 2·binary − 1.
 */
export function voxels(
  points: Tensor,
  { side, occupancy = 'binary' }: { readonly side: number; readonly occupancy?: Occupancy },
): Tensor {
  return voxelsOp.one([points], { side, occupancy });
}
