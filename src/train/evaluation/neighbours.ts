import { matmul } from '../../engine/ops/matmul';
import { topK } from '../../engine/ops/topK';
import { compile } from '../../engine/plan';
import type { Runtime } from '../../engine/runtime';
import { State } from '../../engine/state';
import { accuracy, standardise, type LabelledFeatures } from './features';

/** Rows scaled to length 1; zero rows stay zero. */
function unitRows({ features, width }: LabelledFeatures): Float32Array {
  const unit = features.slice();
  for (let row = 0; row < unit.length; row += width) {
    let square = 0;
    for (let i = row; i < row + width; i++) square += (unit[i] ?? 0) ** 2;
    const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
    for (let i = row; i < row + width; i++) unit[i] = (unit[i] ?? 0) * scale;
  }
  return unit;
}

/**
 * Accuracy of k-nearest neighbours by cosine of standardised features, each neighbour voting with weight exp(cos/τ), τ = 0.07
 * (Wu et al. 2018, as self-supervised papers report it).
 */
export async function nearestNeighbours(
  runtime: Runtime,
  train: LabelledFeatures,
  test: LabelledFeatures,
  options: { readonly classes: number; readonly k?: number },
): Promise<number> {
  const [known, asked] = standardise(train, test);
  const k = Math.min(options.k ?? 20, known.count);
  const a = new State('asked', [asked.count, asked.width], 'f32', unitRows(asked), 'constant').tensor();
  const b = new State('known', [known.count, known.width], 'f32', unitRows(known), 'constant').tensor();
  const { values, indices } = topK(matmul(a, b, { transposeB: true }), k);
  const plan = await compile(runtime, { outputs: { values, indices } });
  try {
    plan.run();
    const cosines = await plan.read('values');
    const found = await plan.read('indices');
    const votes = new Float64Array(asked.count * options.classes);
    for (let i = 0; i < cosines.length; i++) {
      const label = known.labels[found[i] ?? 0] ?? 0;
      const place = Math.floor(i / k) * options.classes + label;
      votes[place] = (votes[place] ?? 0) + Math.exp((cosines[i] ?? 0) / 0.07);
    }
    return accuracy(votes, asked.labels, options.classes);
  } finally {
    plan.dispose();
  }
}
