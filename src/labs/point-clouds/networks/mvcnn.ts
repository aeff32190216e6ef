/**
 * MVCNN (Su et al. 2015, arXiv:1505.00880): pictures from V sides, the same convolutional network for each, the strongest view of every
 * feature, and a second network on that. The paper's first network is VGG-M; here three small convolutions, trained from scratch.
 *
 * B clouds, V views of H × H pixels, w filters.
 */
import { maxPool } from '../../../engine/ops/pool';
import { relu } from '../../../engine/ops/pointwise';
import { argmax, max } from '../../../engine/ops/reduce';
import { reshape } from '../../../engine/ops/reshape';
import { orbitCameras, paint, splats } from '../../../engine/ops/splats';
import { constant } from '../../../engine/state';
import { sizeOf, type Tensor } from '../../../engine/tensor';
import { convolution } from '../../../nn/convolution';
import { linear } from '../../../nn/layers';
import { batchNorm } from '../../../nn/normalisation';
import { dense, dropout, type Layers } from '../layers';
import type { MvcnnShape } from '../networkShape';

/** Clouds are scaled by half as much again at most. */
const REACH = 1.2;
/** Of a point's disc, as a share of the picture's side. */
const DISC = 1 / 24;
const HIDDEN = 4;

/** points, and normals where they are shown, [B, N, 3] → pictures [B, V, 1 or 3, H, H]. */
export function picturesOf(shape: MvcnnShape, points: Tensor, normals?: Tensor): Tensor {
  const cameras = constant(orbitCameras(shape.views, { reach: REACH }), [shape.views, 16]);
  const seen = splats(points, cameras, { side: shape.size, radius: Math.max(0.75, shape.size * DISC) });
  if (shape.shading === 'depth') return seen.depth;
  if (!normals) throw new Error('views of normals: the clouds come without normals; choose depth');
  return paint(normals, seen);
}

/** CNN₁ of each view: [B·V, C, H, H] → [B·V, 4w, H/8, H/8]. */
function viewNet(l: Layers, x: Tensor, w: number): Tensor {
  return [w, 2 * w, 4 * w].reduce((y, width, i) => {
    const conv = convolution(l.p, `conv${i + 1}`, y, width, { kernel: 3, padding: 1, bias: false });
    return maxPool(relu(batchNorm(l.p, `norm${i + 1}`, conv, l.mode)), { kernel: 2 });
  }, x);
}

/** pictures [B, V, C, H, H] → logits [B, outputs]. */
export function viewLogits(l: Layers, { width: w, outputs, dropout: share }: MvcnnShape, seen: Tensor): Tensor {
  l.tap?.('pictures', seen);
  const [B = 1, V = 1, ...picture] = seen.shape;
  const each = viewNet(l, reshape(seen, [B * V, ...picture]), w); // [B·V, 4w, h, h]
  const features = reshape(each, [B, V, sizeOf(each.shape.slice(1))]);
  const pooled = max(features, [1]); // the strongest view of each feature
  l.tap?.('winners', argmax(features, [1]));
  return linear(l.p, 'out', dropout(l, 'views', dense(l, 'fc1', pooled, HIDDEN * w), share), outputs);
}
