/** The raw network F of a run, whichever it is. */
import type { Tensor } from '../../engine/tensor';
import type { ParameterSource } from '../../nn/parameters';
import { dit, type DitShape } from './dit';
import type { ClassCondition } from './embedding';
import { mlp, type MlpShape } from './mlp';
import { unet, type UnetShape } from './unet';

export type NetworkShape = MlpShape | DitShape | UnetShape;

/** Shape of one sample: [2], or [C, S, S]. */
export function sampleShape(shape: NetworkShape): readonly number[] {
  return shape.kind === 'mlp' ? [shape.inputs] : [shape.channels, shape.size, shape.size];
}

/** Classes that the network is told; 0 for none. */
export function classesOf(shape: NetworkShape): number {
  return shape.kind === 'mlp' ? 0 : shape.classes;
}

/**
 * F(x; c_noise, class): x [B, …sample], label [B], span: what the label is divided by → [B, …sample]. `tap` sees a transformer's tokens half-way
 * through its blocks; other networks have none.
 */
export function network(
  p: ParameterSource,
  shape: NetworkShape,
  x: Tensor,
  label: Tensor,
  span: number,
  condition?: ClassCondition,
  tap?: (tokens: Tensor) => void,
): Tensor {
  switch (shape.kind) {
    case 'mlp':
      return mlp(p, shape, x, label, span);
    case 'dit':
      return dit(p, shape, x, label, span, condition, tap);
    case 'unet':
      return unet(p, shape, x, label, span, condition);
  }
}
