import { add, relu } from '../engine/ops/pointwise';
import type { Tensor } from '../engine/tensor';
import { convolution } from './convolution';
import { batchNorm, groupNorm, type NormMode } from './normalisation';
import type { ParameterSource } from './parameters';

/** Which norm follows each convolution. */
export type ResidualNorm =
  { readonly kind: 'batch'; readonly mode: NormMode } | { readonly kind: 'group'; readonly groups: number };

export interface ResidualOptions {
  readonly norm: ResidualNorm;
  readonly stride?: number;
  readonly dilation?: number;
}

/**
 * Basic residual block (He et al. 2015): relu(norm(conv3(relu(norm(conv3(x))))) + shortcut(x)), the stride in the first convolution; the shortcut
 * is x itself, or norm(conv1(x)) where the shape changes. x [B, C, ...] → [B, out, .../stride].
 */
export function residualBlock(
  p: ParameterSource,
  name: string,
  x: Tensor,
  out: number,
  options: ResidualOptions,
): Tensor {
  const { stride = 1, dilation = 1 } = options;
  const norm = (part: string, y: Tensor) =>
    options.norm.kind === 'batch'
      ? batchNorm(p, `${name}.${part}`, y, options.norm.mode)
      : groupNorm(p, `${name}.${part}`, y, options.norm.groups);
  const window = { kernel: 3, padding: dilation, dilation, bias: false };
  const first = relu(norm('norm1', convolution(p, `${name}.conv1`, x, out, { ...window, stride })));
  const second = norm('norm2', convolution(p, `${name}.conv2`, first, out, window));
  const same = stride === 1 && x.shape[1] === out;
  const shortcut = same
    ? x
    : norm('shortcut.norm', convolution(p, `${name}.shortcut.conv`, x, out, { kernel: 1, stride, bias: false }));
  return relu(add(second, shortcut));
}
