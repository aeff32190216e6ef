/** T-Net (Qi et al. 2017): a small PointNet that gives each cloud a K × K matrix. */
import { linear } from '../../../engine/ops/linear';
import { matmul } from '../../../engine/ops/matmul';
import { affine, sqrt, square, sub } from '../../../engine/ops/pointwise';
import { max, mean, sum } from '../../../engine/ops/reduce';
import { reshape } from '../../../engine/ops/reshape';
import { constant } from '../../../engine/state';
import type { Tensor } from '../../../engine/tensor';
import { zeros, type Initialiser } from '../../../nn/initialisers';
import { dense, sharedMlp, type Layers } from '../layers';
import type { RegulariserForm } from '../settings';

const identity: Initialiser = ([squares = 1]) => {
  const K = Math.sqrt(squares);
  return Float32Array.from({ length: squares }, (_, i) => (i % (K + 1) === 0 ? 1 : 0));
};

/** x [B, N, C] → A [B, K, K]; it starts as the identity. `widths`: shared layers, of which the last is pooled. */
export function tNet(l: Layers, name: string, x: Tensor, K: number, widths: readonly number[]): Tensor {
  const pooled = widths.at(-1) ?? 1;
  const g = max(sharedMlp(l, `${name}.mlp`, x, widths), [1]); // [B, pooled]
  const hidden = dense(l, `${name}.fc2`, dense(l, `${name}.fc1`, g, pooled / 2), pooled / 4);
  const weight = l.p.create(`${name}.out.weight`, [pooled / 4, K * K], zeros);
  const bias = l.p.create(`${name}.out.bias`, [K * K], identity);
  return reshape(linear(hidden, weight, bias), [x.shape[0] ?? 1, K, K]);
}

/** Points are rows: x [B, N, K] → x·A. */
export function transformed(x: Tensor, A: Tensor): Tensor {
  return matmul(x, A);
}

const FLOOR = 1e-12;

/**
 * How far A [B, K, K] is from orthogonal, as a scalar: the paper's Σ ‖I − A Aᵀ‖_F² over the batch; half of it (TensorFlow's l2_loss, as in
 * charlesq34/pointnet); or the mean over the batch of the plain norm (the PyTorch ports).
 */
export function orthogonality(A: Tensor, form: RegulariserForm): Tensor {
  const K = A.shape[1] ?? 1;
  const residual = sub(matmul(A, A, { transposeB: true }), constant(identity([K * K], 0, ''), [K, K]));
  if (form !== 'norm') return affine(sum(square(residual)), form === 'paper' ? 1 : 0.5, 0);
  // At an orthogonal matrix the norm has no slope; the floor keeps 0/0 away.
  return mean(sqrt(affine(sum(square(residual), [1, 2]), 1, FLOOR)));
}
