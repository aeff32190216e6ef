import { defineOp } from '../op';
import { ShapeError, sizeOf, type Shape, type Tensor } from '../tensor';
import { lineGrid } from './grid';
import { inverseLists } from './inverseLists';
import { reshape } from './reshape';

/** From this many picks on, a row's picks come from a list instead of a scan over all of them. */
const LISTS_FROM = 512;

/** source [B, N, D] with indices [B, ...], or a shared table [N, D] with indices of any shape. */
export const gatherRowsOp = defineOp<Record<string, never>>({
  name: 'gatherRows',
  infer: (inputs) => {
    const [source, indices] = inputs;
    const batched =
      source?.shape.length === 3 && (indices?.shape.length ?? 0) >= 2 && source.shape[0] === indices?.shape[0];
    if (!source || indices?.dtype !== 'u32' || !(batched || source.shape.length === 2)) {
      throw new ShapeError(
        'gatherRows',
        'takes [B, N, D] with u32 indices [B, …], or a table [N, D] with u32 indices',
        inputs,
      );
    }
    return [{ shape: [...indices.shape, source.shape.at(-1) ?? 1], dtype: source.dtype }];
  },
  vjp: ({ inputs: [source, indices], cotangents: [g] }) => [
    source && indices && g && rowsGradient(g, indices, source.shape),
    undefined,
  ],
  kernels: ({ inputs: [source, indices], outputs: [out] }) => {
    if (!source || !indices || !out) return [];
    const { workgroups, count, width } = lineGrid(out.size);
    const uniform = { count, width, ...geometry(source.shape, indices.shape) };
    const bytes = 4 * (indices.size + 2 * out.size);
    return [{ shader: 'gatherRows', entry: 'gather', uniform, bindings: { source, indices, out }, workgroups, bytes }];
  },
});

function rowsGradient(g: Tensor, indices: Tensor, shape: Shape): Tensor {
  const { picks, rows } = geometry(shape, indices.shape);
  if (picks < LISTS_FROM) return gatherRowsGradOp.one([g, indices], { shape });
  const { order, starts } = inverseLists(reshape(indices, [sizeOf(indices.shape) / picks, picks]), rows);
  return listRowsGradOp.one([g, order, starts], { shape });
}

/** Cotangent [..., K, D] and indices → gradient by the source, of the shape in attrs. */
export const gatherRowsGradOp = defineOp<{ shape: Shape }>({
  name: 'gatherRowsGrad',
  infer: (_inputs, { shape }) => [{ shape, dtype: 'f32' }],
  kernels: ({ inputs: [cotangent, indices], outputs: [gradient] }) => {
    if (!cotangent || !indices || !gradient) return [];
    const { workgroups, count, width } = lineGrid(gradient.size);
    const uniform = { count, width, ...geometry(gradient.shape, indices.shape) };
    return [
      { shader: 'gatherRows', entry: 'scatterSum', uniform, bindings: { cotangent, indices, gradient }, workgroups },
    ];
  },
});

/** The same from the picks' inverse lists: cotangent, order [B, P], starts [B, N + 1]. */
export const listRowsGradOp = defineOp<{ shape: Shape }>({
  name: 'listRowsGrad',
  infer: (_inputs, { shape }) => [{ shape, dtype: 'f32' }],
  kernels: ({ inputs: [cotangent, order, starts], outputs: [gradient] }) => {
    if (!cotangent || !order || !starts || !gradient) return [];
    const { workgroups, count, width } = lineGrid(gradient.size);
    const uniform = { count, width, ...geometry(gradient.shape, order.shape) };
    const bindings = { cotangent, order, starts, gradient };
    return [{ shader: 'gatherRows', entry: 'listSum', uniform, bindings, workgroups }];
  },
});

/** `picks` are those of one batch item; a shared table's rows look at every pick. */
function geometry(source: Shape, indices: Shape) {
  const oneTable = source.length === 2 ? 1 : 0;
  return {
    rows: source.at(-2) ?? 1,
    picks: sizeOf(oneTable ? indices : indices.slice(1)),
    depth: source.at(-1) ?? 1,
    oneTable,
  };
}

/**
 * Rows by index: source [B, N, D], indices u32 [B, K] or [B, S, K] (grouping) → [B, …, D]; or a shared table [N, D] (embedding) with
 * indices of any shape → [..., D]. An index of N or more gives zeros. The gradient adds up in a fixed order.
 */
export function gatherRows(source: Tensor, indices: Tensor): Tensor {
  return gatherRowsOp.one([source, indices], {});
}
