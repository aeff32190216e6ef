/**
 * VoxNet (Maturana & Scherer 2015): a grid of cells, two 3-D convolutions, one pooling, two full layers; no norms.
 *
 * B clouds, R cells along an edge (32 in the paper), w filters (32).
 */
import { maxPool } from '../../../engine/ops/pool';
import { affine } from '../../../engine/ops/pointwise';
import { reshape } from '../../../engine/ops/reshape';
import { voxels } from '../../../engine/ops/voxels';
import type { Tensor } from '../../../engine/tensor';
import { convolution } from '../../../nn/convolution';
import { heNormal } from '../../../nn/initialisers';
import { linear } from '../../../nn/layers';
import { dropout, leakyRelu, type Layers } from '../layers';
import type { VoxNetShape } from '../networkShape';

const SLOPE = 0.1;
const HIDDEN = 128;
/** Dropout after each layer as shares of the last one's: 0.2, 0.3 and 0.4 in the paper. */
const EARLIER = [2 / 3, 1, 4 / 3] as const;

/** points [B, N, 3] in [−1, 1]³ → grid [B, 1, R, R, R], 0 … 1. */
export function gridOf({ side, occupancy }: VoxNetShape, points: Tensor): Tensor {
  return voxels(points, { side, occupancy });
}

/** grid [B, 1, R, R, R] → logits [B, outputs]. */
export function voxNet(l: Layers, shape: VoxNetShape, grid: Tensor): Tensor {
  const { width: w, dropout: share } = shape;
  l.tap?.('grid', grid);
  const drop = (i: 0 | 1 | 2, x: Tensor) => dropout(l, `voxels.${i}`, x, Math.min(0.9, share * EARLIER[i]));
  const first = leakyRelu(convolution(l.p, 'conv1', affine(grid, 2, -1), w, { kernel: 5, stride: 2 }), SLOPE); // 32³ → 14³
  const second = leakyRelu(convolution(l.p, 'conv2', drop(0, first), w, { kernel: 3 }), SLOPE); // → 12³
  const pooled = drop(1, maxPool(second, { kernel: 2 })); // → 6³
  const flat = reshape(pooled, [grid.shape[0] ?? 1, -1]);
  const hidden = leakyRelu(linear(l.p, 'fc1', flat, HIDDEN, heNormal), SLOPE);
  return linear(l.p, 'out', drop(2, hidden), shape.outputs);
}
