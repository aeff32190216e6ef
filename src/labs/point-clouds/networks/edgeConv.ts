/** EdgeConv (Wang et al. 2019, arXiv:1801.07829): each point looks at how its neighbours differ from it. */
import { gatherRows } from '../../../engine/ops/gather';
import { nearestNeighbours } from '../../../engine/ops/nearestNeighbours';
import { add, sub } from '../../../engine/ops/pointwise';
import { max } from '../../../engine/ops/reduce';
import { reshape } from '../../../engine/ops/reshape';
import type { Tensor } from '../../../engine/tensor';
import { leakyRelu, norm, product, type Layers } from '../layers';

export const SLOPE = 0.2;

/** The k nearest points of each point, itself among them: x [B, N, C] → u32 [B, N, k]. */
export function graphOf(x: Tensor, k: number): Tensor {
  return nearestNeighbours(x, x, { k: Math.min(k, x.shape[1] ?? k) }).indices;
}

/**
 * x'_i = max_j LeakyReLU(BN(W [x_j − x_i ; x_i])) over the neighbours j of i: x [B, N, C], graph u32 [B, N, k] → [B, N, C'].
 * W [d ; x_i] = W_d x_j + (W_x − W_d) x_i: two products a point instead of one an edge. LeakyReLU rises, so that it may come after the
 * maximum; the norm's statistics run over all edges.
 */
export function edgeConv(l: Layers, name: string, x: Tensor, graph: Tensor, out: number): Tensor {
  const [B = 1, N = 1] = x.shape;
  const ofNeighbour = product(l, `${name}.difference`, x, out); // W_d x, [B, N, C']
  const ofCentre = sub(product(l, `${name}.centre`, x, out), ofNeighbour); // (W_x − W_d) x
  const edges = add(gatherRows(ofNeighbour, graph), reshape(ofCentre, [B, N, 1, out])); // [B, N, k, C']
  return leakyRelu(max(norm(l, `${name}.norm`, edges), [2]), SLOPE);
}
