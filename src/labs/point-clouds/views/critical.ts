import { SaidError } from '../../../data/saidError';
import * as v from 'valibot';
import { UNDISTORTED } from '../../../engine/ops/augmentPoints';
import { compile, type Plan } from '../../../engine/plan';
import { State } from '../../../engine/state';
import { emptyCloud, type Cloud } from '../../../data/cloud';
import { pointFeatures, type Transforms } from '../networks/pointNet';
import { Chosen, floats, requireMethod, see, tapped, wholes, type Looker, type MakeView } from './looker';

const Asked = v.object({
  ...Chosen.entries,
  /** Places along an edge of the lattice that the upper-bound shape is found on. */
  lattice: v.optional(v.pipe(v.number(), v.integer(), v.minValue(4), v.maxValue(32)), 20),
});
/** A feature may exceed the largest by this and count as equal: other batches round otherwise. */
const SLACK = 1e-5;

/**
 * PointNet's critical points and upper-bound shape of the first chosen cloud. `points` [N, 3]; `critical` u32 [K], the point that each of
 * the K global features comes from; `features` u32 [N], how many each point holds; `upper` [M, 3], the places of a lattice in [−1, 1]³
 * that could be added without changing the global feature. `logits` and `criticalLogits` [outputs] of the whole cloud and of the critical
 * points alone (classification: without T-Nets the same; T-Nets have critical points of their own).
 */
export const critical: MakeView = async (looker, request) => {
  const shape = requireMethod(looker, 'critical', 'pointnet');
  if (shape.pooling !== 'max')
    throw new SaidError({
      en: 'view "critical": with mean pooling every point counts; set pooling to max',
      zh: '平均池化时每个点都起作用，没有关键点；请把池化设为最大',
    });
  const { lattice, ...chosen } = v.parse(Asked, request ?? {});
  const one = { ...chosen, shapes: chosen.shapes.slice(0, 1) };
  const taps = ['critical', 'globalFeature', 'inputTransform', 'featureTransform'];
  const seen = await see(looker, one, taps);
  const N = seen.points.length / 3;
  const winners = tapped(seen, 'critical').data;
  const features = new Uint32Array(N);
  winners.forEach((i) => (features[i] = (features[i] ?? 0) + 1));
  const alone = Array.from(features.keys()).filter((i) => (features[i] ?? 0) > 0);
  const subset = await looker.reader.see([{ cloud: cloudAt(seen.points, alone) }], {
    points: N,
    distortion: UNDISTORTED,
  });
  return {
    points: floats([N, 3], seen.points),
    critical: wholes([winners.length], winners),
    features: wholes([N], features),
    ...(shape.channels === 3 && { upper: upperView(await upperBound(looker, seen.taps, lattice)) }),
    ...(shape.channels === 3 &&
      shape.task === 'classification' && {
        logits: floats([shape.outputs], seen.logits),
        criticalLogits: floats([shape.outputs], subset.logits),
      }),
  };
};

function upperView(places: Float32Array) {
  return floats([places.length / 3, 3], places);
}

function cloudAt(points: Float32Array, places: readonly number[]): Cloud {
  const cloud = emptyCloud(places.length);
  places.forEach((from, i) => cloud.points.set(points.subarray(3 * from, 3 * from + 3), 3 * i));
  return cloud;
}

/** Places whose every feature is at most the cloud's, under the cloud's own transforms. */
async function upperBound(
  looker: Looker,
  taps: Readonly<Record<string, { readonly data: ArrayLike<number> }>>,
  side: number,
): Promise<Float32Array> {
  const shape = requireMethod(looker, 'critical', 'pointnet');
  const { runtime, weights } = looker;
  const count = side ** 3;
  const at = (index: number) => (2 * (index + 0.5)) / side - 1;
  const places = Float32Array.from({ length: 3 * count }, (_, i) => {
    const n = Math.floor(i / 3);
    return at([n % side, Math.floor(n / side) % side, Math.floor(n / side / side)][i % 3] ?? 0);
  });
  const constantOf = (name: string, dims: readonly number[]) => {
    const data = taps[name]?.data;
    return data && new State(name, dims, 'f32', Float32Array.from(data), 'constant').tensor();
  };
  const given: Transforms = {
    input: constantOf('inputTransform', [1, 3, 3]),
    feature: constantOf('featureTransform', [1, shape.width, shape.width]),
  };
  const x = new State('lattice', [1, count, 3], 'f32', places, 'constant').tensor();
  const { deep } = pointFeatures({ p: weights, mode: { training: false } }, shape, x, given);
  let plan: Plan | undefined;
  try {
    plan = await compile(runtime, { outputs: { deep } });
    plan.run();
    const h = await plan.read('deep');
    const g = taps['globalFeature']?.data ?? [];
    const K = g.length;
    const inside: number[] = [];
    for (let n = 0; n < count; n++) {
      let fits = true;
      for (let k = 0; k < K && fits; k++) {
        const most = g[k] ?? 0;
        fits = (h[n * K + k] ?? 0) <= most + SLACK * Math.max(1, Math.abs(most));
      }
      if (fits) inside.push(...places.subarray(3 * n, 3 * n + 3));
    }
    return Float32Array.from(inside);
  } finally {
    plan?.dispose();
  }
}
