import { defineOp } from '../op';
import { ShapeError, type Tensor } from '../tensor';

/** The same numbers; no gradient flows back. */
export const stopGradientOp = defineOp<Record<string, never>>({
  name: 'stopGradient',
  view: true,
  infer: ([x]) => {
    if (!x) throw new ShapeError('stopGradient', 'takes one tensor');
    return [{ shape: x.shape, dtype: x.dtype }];
  },
  vjp: () => [undefined],
});

export function stopGradient(x: Tensor): Tensor {
  return stopGradientOp.one([x], {});
}
