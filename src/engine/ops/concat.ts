import { defineOp } from '../op';
import { ShapeError, sizeOf, type Tensor } from '../tensor';
import { lineGrid } from './grid';
import { slice } from './slice';

/** Two tensors along an axis. */
export const concatOp = defineOp<{ axis: number }>({
  name: 'concat',
  infer: (inputs, { axis }) => {
    const [a, b] = inputs;
    const fits =
      a && b && a.dtype === b.dtype && a.shape.length === b.shape.length && axis >= 0 && axis < a.shape.length;
    if (!fits || a.shape.some((n, k) => k !== axis && n !== b.shape[k])) {
      throw new ShapeError('concat', `shapes may differ along axis ${axis} only`, inputs);
    }
    return [{ shape: a.shape.map((n, k) => (k === axis ? n + (b.shape[k] ?? 0) : n)), dtype: a.dtype }];
  },
  vjp: ({ inputs: [a, b], cotangents: [g], attrs: { axis }, needs }) => {
    if (!a || !b || !g) return [undefined, undefined];
    const zeros = g.shape.map(() => 0);
    const second = g.shape.map((_, k) => (k === axis ? (a.shape[k] ?? 0) : 0));
    return [needs[0] ? slice(g, zeros, a.shape) : undefined, needs[1] ? slice(g, second, b.shape) : undefined];
  },
  kernels: ({ inputs: [a, b], outputs: [out], attrs: { axis } }) => {
    if (!a || !b || !out) return [];
    const { workgroups, count, width } = lineGrid(out.size);
    const uniform = { count, width, runA: sizeOf(a.shape.slice(axis)), runB: sizeOf(b.shape.slice(axis)) };
    return [{ shader: 'concat', entry: 'main', uniform, bindings: { a, b, out }, workgroups }];
  },
});

/** Tensors one after the other along `axis`, any dtype; one dispatch for each but the first. */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  const [first, ...rest] = tensors;
  if (!first) throw new ShapeError('concat', 'needs at least one tensor');
  return rest.reduce((sofar, next) => concatOp.one([sofar, next], { axis }), first);
}
