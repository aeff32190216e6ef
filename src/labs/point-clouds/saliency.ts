/** How much each point matters for what the network says. */
import { SaidError } from '../../data/saidError';
import { vjp } from '../../engine/autodiff';
import { full, sqrt, square } from '../../engine/ops/pointwise';
import { max, sum } from '../../engine/ops/reduce';
import type { Tensor } from '../../engine/tensor';

/**
 * Length of the gradient of each cloud's largest logit by each of its points (Simonyan et al. 2014): logits [B, classes] of points
 * [B, N, 3] → [B, N]. Throws where the way from the points has no gradient: grids of cells and pictures.
 */
export function saliency(logits: Tensor, points: Tensor): Tensor {
  const [B = 1] = logits.shape;
  // The clouds of a batch do not touch each other: one product with ones gives all their gradients.
  const [gradient] = vjp([max(logits, [1])], [full([B], 1)], [points]);
  if (!gradient)
    throw new SaidError({
      en: 'saliency: this network has no gradient by its points; take PointNet, PointNet++ or DGCNN',
      zh: '显著度：此网络对点没有梯度；请用 PointNet、PointNet++ 或 DGCNN',
    });
  return sqrt(sum(square(gradient), [2]));
}
