import { defineOp } from '../op';
import { ShapeError, type Tensor } from '../tensor';
import { lineGrid } from './grid';

interface BallAttrs {
  readonly radius: number;
  /** Places for each ball, K. */
  readonly members: number;
  /** Whether a point on the surface is inside. */
  readonly closed: boolean;
}

/** centres [B, S, 3], points [B, N, 3] → members u32 [B, S, K], counts u32 [B, S]. */
export const ballQueryOp = defineOp<BallAttrs>({
  name: 'ballQuery',
  infer: (inputs, { radius, members }) => {
    const [centres, points] = inputs;
    const fits = [centres, points].every((t) => t?.dtype === 'f32' && t.shape.length === 3 && t.shape[2] === 3);
    if (!fits || centres?.shape[0] !== points?.shape[0] || points?.shape[1] === 0)
      throw new ShapeError('ballQuery', 'takes centres f32 [B, S, 3] and points f32 [B, N, 3]', inputs);
    if (!(radius > 0 && Number.isFinite(radius)))
      throw new ShapeError('ballQuery', `a radius of ${radius}; give one above 0`, inputs);
    if (!Number.isInteger(members) || members < 1)
      throw new ShapeError('ballQuery', `${members} members of a ball; give 1 or more`, inputs);
    const [B = 0, S = 0] = centres?.shape ?? [];
    return [
      { shape: [B, S, members], dtype: 'u32' },
      { shape: [B, S], dtype: 'u32' },
    ];
  },
  vjp: ({ inputs }) => inputs.map(() => undefined),
  kernels: ({ inputs: [centres, points], outputs: [members, counts], attrs }) => {
    if (!centres || !points || !members || !counts) return [];
    const [, S = 1] = centres.shape;
    const N = points.shape[1] ?? 1;
    const { workgroups, count, width } = lineGrid(counts.size);
    const uniform = {
      count,
      width,
      centres: S,
      points: N,
      members: attrs.members,
      closed: attrs.closed ? 1 : 0,
      radius2: attrs.radius * attrs.radius,
    };
    const bindings = { centres, points, members, counts };
    return [{ shader: 'ballQuery', entry: 'main', uniform, bindings, workgroups, flops: 8 * count * N }];
  },
});

/**
 * What lies in a ball of `radius` around each centre: the first `members` points by index, the first one repeated in the places left.
 * centres f32 [B, S, 3], points f32 [B, N, 3] → indices u32 [B, S, members], counts u32 [B, S]. Distance < radius, as in the original
 * kernel; `closed` takes ≤ (the PyTorch port). A ball without a point holds the nearest one, with count 0. No gradient. Throws ShapeError.
 */
export function ballQuery(
  centres: Tensor,
  points: Tensor,
  { radius, members, closed = false }: { readonly radius: number; readonly members: number; readonly closed?: boolean },
): { indices: Tensor; counts: Tensor } {
  const [indices, counts] = ballQueryOp.apply([centres, points], { radius, members, closed });
  if (!indices || !counts) throw new Error('ballQuery: no outputs');
  return { indices, counts };
}
