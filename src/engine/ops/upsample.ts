import { ShapeError, type Tensor } from '../tensor';
import { broadcastTo } from './pointwise';
import { reshape } from './reshape';

/**
 * Nearest-neighbour upsampling by a whole factor: x [B, C, ...] → [B, C, ...·factor], each element repeated along every spatial
 * axis. A broadcast, so that it fuses with what follows; its gradient sums the copies. Throws ShapeError.
 */
export function upsampleNearest(x: Tensor, factor = 2): Tensor {
  if (!Number.isInteger(factor) || factor < 1 || x.shape.length < 3) {
    throw new ShapeError('upsampleNearest', `takes x [B, C, ...] and a whole factor ≥ 1; it is ${factor}`, [x]);
  }
  const lead = x.shape.slice(0, 2);
  const axes = x.shape.slice(2);
  const split = reshape(x, [...lead, ...axes.flatMap((n) => [n, 1])]);
  const repeated = broadcastTo(split, [...lead, ...axes.flatMap((n) => [n, factor])]);
  return reshape(repeated, [...lead, ...axes.map((n) => n * factor)]);
}
