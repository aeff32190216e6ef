import { defineOp, type Kernel, type KernelArgs } from '../op';
import { ShapeError, type Tensor } from '../tensor';
import { lineGrid } from './grid';

interface NeighbourAttrs {
  readonly k: number;
  /** Leaves out point i among the neighbours of query i. */
  readonly skipSelf: boolean;
}

/** More would not fit an invocation's own memory. */
const MOST = 128;
/** Multiplications of one dispatch: some milliseconds on a GPU. */
const DISPATCH_WORK = 2 ** 31;

/** queries [B, M, D], points [B, N, D] → indices u32 and squared distances f32, [B, M, k]. */
export const nearestNeighboursOp = defineOp<NeighbourAttrs>({
  name: 'nearestNeighbours',
  infer: (inputs, { k, skipSelf }) => {
    const [queries, points] = inputs;
    const [B = 0, M = 0, D] = queries?.shape ?? [];
    const [pointB, N = 0, pointD] = points?.shape ?? [];
    const fits = [queries, points].every((t) => t?.dtype === 'f32' && t.shape.length === 3);
    if (!fits || B !== pointB || D !== pointD)
      throw new ShapeError('nearestNeighbours', 'takes queries f32 [B, M, D] and points f32 [B, N, D]', inputs);
    if (skipSelf && M !== N)
      throw new ShapeError(
        'nearestNeighbours',
        'leaves a query out of its neighbours only where the queries are the points',
        inputs,
      );
    const most = Math.min(MOST, skipSelf ? N - 1 : N);
    if (!Number.isInteger(k) || k < 1 || k > most)
      throw new ShapeError('nearestNeighbours', `${k} neighbours of ${N} points; give 1 to ${most}`, inputs);
    return [
      { shape: [B, M, k], dtype: 'u32' },
      { shape: [B, M, k], dtype: 'f32' },
    ];
  },
  vjp: ({ inputs }) => inputs.map(() => undefined),
  kernels: neighbourKernels,
});

function neighbourKernels({ inputs, outputs, attrs, scratch }: KernelArgs<NeighbourAttrs>): Kernel[] {
  const [queries, points] = inputs;
  const [neighbours, distances] = outputs;
  if (!queries || !points || !neighbours || !distances) return [];
  const [B = 1, M = 1, D = 1] = queries.shape;
  const N = points.shape[1] ?? 1;
  // Two vec4 a time: an even number of them.
  const quads = 2 * Math.ceil(N / 8);
  const columns = scratch([B, D, 4 * quads]);
  const sizes = { queries: M, points: N, depth: D, quads, skipSelf: attrs.skipSelf ? 1 : 0 };
  const turn = lineGrid(B * D * quads);
  const kernels: Kernel[] = [
    {
      shader: 'nearestNeighbours',
      entry: 'transpose',
      constants: { K: attrs.k },
      uniform: { ...sizes, count: turn.count, width: turn.width, first: 0 },
      bindings: { points, transposed: columns },
      workgroups: turn.workgroups,
      bytes: 4 * (points.size + columns.size),
    },
  ];
  const perDispatch = 64 * Math.max(1, Math.floor(DISPATCH_WORK / (64 * B * N * D)));
  for (let first = 0; first < M; first += perDispatch) {
    const count = Math.min(perDispatch, M - first);
    kernels.push({
      shader: 'nearestNeighbours',
      entry: 'search',
      constants: { K: attrs.k },
      uniform: { ...sizes, count, width: 0, first },
      bindings: { queries, columns, neighbours, distances },
      workgroups: [Math.ceil(count / 64), B],
      flops: 3 * B * count * N * D,
    });
  }
  return kernels;
}

export interface Neighbours {
  /** u32 [B, M, k], nearest first; equal distances by index. */
  readonly indices: Tensor;
  /** Squared, f32 [B, M, k]. */
  readonly distances: Tensor;
}

/**
 * The k points of each cloud nearest to each query, exactly, in coordinates or in feature space of any width: queries f32 [B, M, D],
 * points f32 [B, N, D]. A query that is itself a point counts as its own neighbour unless `skipSelf` (queries = points). k ≤ 128. No
 * gradient: DGCNN (Wang et al. 2019) takes none through the graph either. Throws ShapeError.
 */
export function nearestNeighbours(
  queries: Tensor,
  points: Tensor,
  { k, skipSelf = false }: { readonly k: number; readonly skipSelf?: boolean },
): Neighbours {
  const [indices, distances] = nearestNeighboursOp.apply([queries, points], { k, skipSelf });
  if (!indices || !distances) throw new Error('nearestNeighbours: no outputs');
  return { indices, distances };
}
