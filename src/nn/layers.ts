/** Layers as functions: parameters by name in a set, tensors in, tensors out. */
import { attention } from '../engine/ops/attention';
import { layerNorm as layerNormOp } from '../engine/ops/layerNorm';
import { linear as linearOp } from '../engine/ops/linear';
import { add, gelu } from '../engine/ops/pointwise';
import type { Tensor } from '../engine/tensor';
import { ones, xavierParts, xavierUniform, zeros, type Initialiser } from './initialisers';
import type { ParameterSource } from './parameters';

const LAYER_NORM_EPS = 1e-6;

export interface AttentionOptions {
  readonly heads: number;
  /** Each position sees itself and what comes before. */
  readonly causal?: boolean;
  /** [B, N], 1 = a real token, 0 = padding that nobody attends to. */
  readonly keyMask?: Tensor;
  /** Sees the packed q|k|v [B, N, 3D] of the layer: for drawing its attention map. */
  readonly tap?: (qkv: Tensor) => void;
}

/** x [..., in] → [..., out]: x·W + b with W [in, out]. */
export function linear(
  p: ParameterSource,
  name: string,
  x: Tensor,
  out: number,
  init: Initialiser = xavierUniform,
): Tensor {
  const width = x.shape.at(-1) ?? 1;
  return linearOp(x, p.create(`${name}.weight`, [width, out], init), p.create(`${name}.bias`, [out], zeros));
}

/** Layer norm over the last axis, ε 1e-6. */
export function layerNorm(p: ParameterSource, name: string, x: Tensor): Tensor {
  const width = x.shape.at(-1) ?? 1;
  return layerNormOp(
    x,
    p.create(`${name}.scale`, [width], ones),
    p.create(`${name}.shift`, [width], zeros),
    LAYER_NORM_EPS,
  );
}

/** Self-attention x [B, N, D] → [B, N, D]; the packed projection is initialised as three matrices. */
export function selfAttention(p: ParameterSource, name: string, x: Tensor, options: AttentionOptions): Tensor {
  const width = x.shape.at(-1) ?? 1;
  const qkv = linear(p, `${name}.qkv`, x, 3 * width, xavierParts(3));
  options.tap?.(qkv);
  return linear(p, `${name}.proj`, attention(qkv, options), width);
}

/** D → hidden → D with exact GELU. */
export function mlp(p: ParameterSource, name: string, x: Tensor, hidden: number): Tensor {
  return linear(p, `${name}.fc2`, gelu(linear(p, `${name}.fc1`, x, hidden)), x.shape.at(-1) ?? 1);
}

/**
 * Pre-norm transformer block (ViT, Dosovitskiy et al. 2021): x ← x + Attn(LN(x)); x ← x + MLP(LN(x)), MLP width 4D.
 * x [B, N, D]; D divides by heads.
 */
export function transformerBlock(p: ParameterSource, name: string, x: Tensor, options: AttentionOptions): Tensor {
  const width = x.shape.at(-1) ?? 1;
  const attended = add(x, selfAttention(p, name, layerNorm(p, `${name}.norm1`, x), options));
  return add(attended, mlp(p, name, layerNorm(p, `${name}.norm2`, attended), 4 * width));
}
