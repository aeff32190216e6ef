import { defineOp } from '../op';
import { ShapeError, showShape, sizeOf, sameShape, type Shape, type Tensor } from '../tensor';

/** The same numbers under another shape; costs nothing. */
export const reshapeOp = defineOp<{ shape: Shape }>({
  name: 'reshape',
  view: true,
  infer: (inputs, { shape }) => {
    const [x] = inputs;
    if (!x || sizeOf(x.shape) !== sizeOf(shape)) {
      throw new ShapeError('reshape', `cannot become ${showShape(shape)}: the number of elements differs`, inputs);
    }
    return [{ shape, dtype: x.dtype }];
  },
  vjp: ({ inputs, cotangents }) => inputs.map((x) => cotangents[0] && reshape(cotangents[0], x.shape)),
});

/** Same elements, other shape; one entry may be -1 and is worked out. Throws ShapeError where the counts differ. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const known = shape.reduce((n, d) => (d === -1 ? n : n * d), 1);
  const full = shape.map((d) => (d === -1 ? sizeOf(x.shape) / known : d));
  if (sameShape(full, x.shape)) return x;
  return reshapeOp.one([x], { shape: full });
}

/**
 * Writes tensors into the parts of a state, which then stands for all of them: the flat gradient buffer. The planner lets
 * each piece's own kernel write there directly. Inputs: the state's leaf, then the pieces; offsets in elements.
 */
export const placeOp = defineOp<{ offsets: readonly number[] }>({
  name: 'place',
  view: true,
  infer: (inputs) => {
    const [target] = inputs;
    if (!target) throw new ShapeError('place', 'needs the target state first', inputs);
    return [{ shape: target.shape, dtype: target.dtype }];
  },
});
