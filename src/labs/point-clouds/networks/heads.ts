/** The last layers: a cloud's feature to its class, each point's feature to its label. */
import { linear } from '../../../nn/layers';
import { gatherRows } from '../../../engine/ops/gather';
import { add, relu } from '../../../engine/ops/pointwise';
import { reshape } from '../../../engine/ops/reshape';
import type { Tensor } from '../../../engine/tensor';
import { xavierUniform } from '../../../nn/initialisers';
import { dense, dropout, norm, product, type Layers } from '../layers';

export interface HeadShape {
  readonly outputs: number;
  readonly dropout: number;
}

/** g [B, G] → logits [B, outputs] through G/2 and G/4, dropout before the last (PointNet, PointNet++, DGCNN). */
export function classHead(l: Layers, name: string, g: Tensor, shape: HeadShape): Tensor {
  const G = g.shape.at(-1) ?? 1;
  const hidden = dense(l, `${name}.fc2`, dense(l, `${name}.fc1`, g, G / 2), G / 4);
  return linear(l.p, `${name}.out`, dropout(l, name, hidden, shape.dropout), shape.outputs);
}

/** f [B, N, C] → logits [B, N, outputs] through `widths`, dropout before the last. */
export function pointHead(l: Layers, name: string, f: Tensor, widths: readonly number[], shape: HeadShape): Tensor {
  const hidden = widths.reduce((y, width, i) => dense(l, `${name}.${i}`, y, width), f);
  return linear(l.p, `${name}.out`, dropout(l, name, hidden, shape.dropout), shape.outputs);
}

/**
 * ReLU(BN(W [f ; g ; c])) for each point: f [B, N, C] of points, g [B, G] of clouds, c the one-hot category u32 [B] of `categories`.
 * W [f ; g ; c] = W_f f + (W_g g + W_c c): what belongs to the cloud is multiplied once for the cloud, not once for each point.
 */
export function joined(
  l: Layers,
  name: string,
  f: Tensor,
  g: Tensor,
  out: number,
  category?: { readonly of: Tensor; readonly categories: number },
): Tensor {
  const [B = 1] = f.shape;
  let cloud = product(l, `${name}.cloud`, g, out); // [B, out]
  if (category) {
    const rows = l.p.create(`${name}.category.weight`, [category.categories, out], xavierUniform);
    cloud = add(cloud, gatherRows(rows, category.of));
  }
  const y = add(product(l, `${name}.point`, f, out), reshape(cloud, [B, 1, out]));
  return relu(norm(l, `${name}.norm`, y));
}
