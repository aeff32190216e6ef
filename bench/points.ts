/** Farthest points and nearest neighbours against plain JavaScript on the processor, and TensorFlow.js where its memory allows. */
import { farthestPoints } from '../src/engine/ops/farthestPoints';
import { nearestNeighbours } from '../src/engine/ops/nearestNeighbours';
import { toFloat } from '../src/engine/ops/pointwise';
import { philoxUniforms } from '../src/engine/philox';
import type { Runtime } from '../src/engine/runtime';
import type { Contest, Contestant } from './contest';
import { contestant, input } from './glimpse';
import { latticeCloud, plainFarthestPoints, plainNearestNeighbours } from './plainPoints';

export interface PointPeer {
  /** Indices of farthest points of [N, 3]. */
  readonly farthest: (points: Float32Array, count: number) => Contestant;
  /** Squared distances [M, k] of the nearest neighbours of the first M points; by a matrix [M, N] in memory. */
  readonly neighbours: (points: Float32Array, queries: number, k: number) => Contestant;
}

const SIZES = [1024, 4096, 16384, 65536];
const PICKS = 512;
const NEAR = 16;
/** Distances that a neighbour contest computes at most, so that plain JavaScript takes a second. */
const MOST_PAIRS = 2 ** 26;
/** Beyond this the peers' matrix of distances is too large. */
const PEER_PAIRS = 2 ** 24;

/** The processor's side: a computation and its result. */
function plain(compute: () => ArrayLike<number>): Contestant {
  let last: ArrayLike<number> = [];
  const run = async () => {
    last = compute();
  };
  return {
    engine: 'plain',
    run,
    result: async () => {
      await run();
      return last;
    },
    dispose: () => undefined,
  };
}

/** Squared distances of neighbours, for a check that rounding does not upset. */
function distancesOf(points: Float32Array, indices: Uint32Array): Float32Array {
  return Float32Array.from(indices, (j, i) => {
    const q = Math.floor(i / NEAR);
    return [0, 1, 2].reduce((sum, c) => sum + ((points[3 * q + c] ?? 0) - (points[3 * j + c] ?? 0)) ** 2, 0);
  });
}

export function pointContests(runtime: Runtime, peers: readonly PointPeer[]): Contest[] {
  return SIZES.flatMap((N) => {
    const points = latticeCloud(philoxUniforms(3 * N, 1, 'points'));
    const cloud = input('points', [1, N, 3], points);
    const queries = Math.min(N, MOST_PAIRS / N);
    const asked = input('queries', [1, queries, 3], points.slice(0, 3 * queries));
    return [
      {
        name: `farthest points ${PICKS} of ${N}`,
        flops: 8 * N * PICKS,
        contestants: async () => [
          await contestant(runtime, toFloat(farthestPoints(cloud, { count: PICKS }))),
          plain(() => plainFarthestPoints(points, PICKS)),
          ...peers.map((p) => p.farthest(points, PICKS)),
        ],
      },
      {
        name: `neighbours ${NEAR} of ${N}, ${queries} queries`,
        flops: 9 * N * queries,
        contestants: async () => [
          await contestant(runtime, nearestNeighbours(asked, cloud, { k: NEAR }).distances),
          plain(() =>
            distancesOf(points, plainNearestNeighbours(points.subarray(0, 3 * queries), points, { depth: 3, k: NEAR })),
          ),
          ...(N * queries <= PEER_PAIRS ? peers.map((p) => p.neighbours(points, queries, NEAR)) : []),
        ],
      },
    ];
  });
}
