/**
 * DGCNN (Wang et al. 2019, arXiv:1801.07829): four EdgeConvs, each on the graph of the nearest neighbours in the features that it is
 * given; a fixed graph of the coordinates for comparison.
 *
 * B clouds, N points of D numbers, w the width (64 in the paper), K the bottleneck (1024).
 */
import { concat } from '../../../engine/ops/concat';
import { max, mean } from '../../../engine/ops/reduce';
import { slice } from '../../../engine/ops/slice';
import type { Tensor } from '../../../engine/tensor';
import { leakyRelu, norm, product, type Layers } from '../layers';
import type { DgcnnShape } from '../networkShape';
import { edgeConv, graphOf, SLOPE } from './edgeConv';
import { classHead, joined, pointHead } from './heads';

/** x [B, N, D] → logits [B, outputs], or [B, N, outputs]; category u32 [B] for parts. */
export function dgcnn(l: Layers, shape: DgcnnShape, x: Tensor, category?: Tensor): Tensor {
  const { width: w, bottleneck: K } = shape;
  const [B = 1, N = 1] = x.shape;
  // In rooms the first graph is that of the places in the room (channels 6 … 8), as in the original.
  const first = graphOf(shape.channels === 9 ? slice(x, [0, 0, 6], [B, N, 3]) : x, shape.k);
  const layers: Tensor[] = [];
  let y = x;
  [w, w, 2 * w, 4 * w].forEach((out, i) => {
    const graph = i === 0 || shape.graph === 'fixed' ? first : graphOf(y, shape.k);
    l.tap?.(`neighbours.${i}`, graph);
    l.tap?.(`features.${i}`, y);
    y = edgeConv(l, `edge${i + 1}`, y, graph, out);
    layers.push(y);
  });
  const all = concat(layers, 2); // [B, N, 8w]
  const deep = leakyRelu(norm(l, 'deep.norm', product(l, 'deep', all, K)), SLOPE); // [B, N, K]
  if (shape.task === 'classification') {
    const g = concat([max(deep, [1]), mean(deep, [1])], 1); // [B, 2K]
    l.tap?.('globalFeature', g);
    return classHead(l, 'head', g, shape);
  }
  const told = category && { of: category, categories: shape.categories };
  return pointHead(l, 'head', joined(l, 'join', all, max(deep, [1]), K / 2, told), [K / 2, K / 4], shape);
}
