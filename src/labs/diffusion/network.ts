/** The raw network F of a run, whichever it is. */
import type { Tensor } from '../../engine/tensor';
import type { ParameterSource } from '../../nn/parameters';
import { dit, type ClassCondition, type DitShape } from './dit';
import { mlp, type MlpShape } from './mlp';

export type NetworkShape = MlpShape | DitShape;

/** Shape of one sample: [2], or [C, S, S]. */
export function sampleShape(shape: NetworkShape): readonly number[] {
  return shape.kind === 'mlp' ? [shape.inputs] : [shape.channels, shape.size, shape.size];
}

/** F(x; c_noise, class): x [B, …sample], label [B], span: what the label is divided by → [B, …sample]. */
export function network(
  p: ParameterSource,
  shape: NetworkShape,
  x: Tensor,
  label: Tensor,
  span: number,
  condition?: ClassCondition,
  tap?: (tokens: Tensor) => void,
): Tensor {
  return shape.kind === 'mlp' ? mlp(p, shape, x, label, span) : dit(p, shape, x, label, span, condition, tap);
}
