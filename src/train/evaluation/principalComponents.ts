import { affine, div, mul, sqrt, sub } from '../../engine/ops/pointwise';
import { matmul } from '../../engine/ops/matmul';
import { mean, sum } from '../../engine/ops/reduce';
import { compile } from '../../engine/plan';
import { philoxNormals } from '../../engine/philox';
import type { Runtime } from '../../engine/runtime';
import { constant, State } from '../../engine/state';
import type { Tensor } from '../../engine/tensor';
import type { LabelledFeatures } from './features';

/** Power iterations; the plane of a map needs no more. */
const ITERATIONS = 24;

function unit(v: Tensor): Tensor {
  return div(v, sqrt(affine(sum(mul(v, v)), 1, 1e-20)));
}

/**
 * Scores on the first two principal components [count, 2], computed on the device by power iteration on the covariance with
 * deflation. Each component's sign is fixed so that its largest loading is positive: a map that does not flip while training.
 */
export async function principalComponents(
  runtime: Runtime,
  { features, count, width }: LabelledFeatures,
): Promise<Float32Array> {
  const x = new State('pca features', [count, width], 'f32', features, 'constant').tensor();
  const centred = sub(x, mean(x, [0], { keepDims: true })); // [n, D]
  const covariance = affine(matmul(centred, centred, { transposeA: true }), 1 / count, 0); // [D, D]
  const start = (name: string) => unit(constant(philoxNormals(width, 0, name), [width, 1]));
  const iterate = (from: Tensor, against?: Tensor): Tensor => {
    let v = from;
    for (let i = 0; i < ITERATIONS; i++) {
      const w = matmul(covariance, v);
      v = unit(against ? sub(w, mul(against, sum(mul(w, against)))) : w);
    }
    return v;
  };
  const first = iterate(start('component 1'));
  const second = iterate(start('component 2'), first);
  const plan = await compile(runtime, {
    outputs: { a: matmul(centred, first), b: matmul(centred, second), first, second },
  });
  try {
    plan.run();
    const a = await plan.read('a');
    const b = await plan.read('b');
    const [signA, signB] = [largestSign(await plan.read('first')), largestSign(await plan.read('second'))];
    const scores = new Float32Array(count * 2);
    for (let i = 0; i < count; i++) scores.set([(a[i] ?? 0) * signA, (b[i] ?? 0) * signB], i * 2);
    return scores;
  } finally {
    plan.dispose();
  }
}

function largestSign(loadings: ArrayLike<number>): number {
  let best = 0;
  for (let i = 0; i < loadings.length; i++) if (Math.abs(loadings[i] ?? 0) > Math.abs(best)) best = loadings[i] ?? 0;
  return best < 0 ? -1 : 1;
}
