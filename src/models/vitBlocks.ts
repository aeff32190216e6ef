/** The parts of a vision transformer as ONNX sub-graphs of plain operators, with the parameter names that the trainer uses. */
import type { OnnxGraph } from './onnxGraph';

const LAYER_NORM_EPS = 1e-6;

/** x [..., in] → [..., out]: x·W + b; parameters <name>.weight [in, out] and <name>.bias [out]. */
export function linear(g: OnnxGraph, name: string, x: string, width: number, out: number): string {
  const product = g.node('MatMul', [x, g.parameter(`${name}.weight`, [width, out])]);
  return g.node('Add', [product, g.parameter(`${name}.bias`, [out])]);
}

/** Layer norm over the last axis [..., width], ε 1e-6; parameters <name>.scale and <name>.shift. */
export function layerNorm(g: OnnxGraph, name: string, x: string, width: number): string {
  const inputs = [x, g.parameter(`${name}.scale`, [width]), g.parameter(`${name}.shift`, [width])];
  return g.node('LayerNormalization', inputs, { axis: -1, epsilon: { float: LAYER_NORM_EPS } });
}

/** x·sigmoid(x), any shape. */
export function silu(g: OnnxGraph, x: string): string {
  return g.node('Mul', [x, g.node('Sigmoid', [x])]);
}

/** Exact GELU: x·Φ(x) = x·(1 + erf(x/√2))/2, any shape. */
export function gelu(g: OnnxGraph, x: string): string {
  const error = g.node('Erf', [g.node('Mul', [x, g.float(Math.SQRT1_2)])]);
  const doubled = g.node('Mul', [x, g.node('Add', [error, g.float(1)])]);
  return g.node('Mul', [doubled, g.float(0.5)]);
}

/**
 * softmax(q·kᵀ/√h)·v per head, h = width/heads: qkv [B, N, 3·width], packed q|k|v with each [heads, h], → [B, N, width].
 * B and N may vary. Plain operators: fused attention of onnxruntime-web's WebGPU provider gave wrong numbers.
 */
export function attention(g: OnnxGraph, qkv: string, width: number, heads: number): string {
  const headWidth = width / heads;
  const parts = g.nodeOutputs('Split', [qkv, g.integers([width, width, width])], 3, { axis: 2 });
  // A 0 in the shape keeps the dimension of the input.
  const split = parts.map((part) => g.node('Reshape', [part, g.integers([0, 0, heads, headWidth])]));
  const [q = '', k = '', v = ''] = split; // [B, N, heads, h]
  const queries = g.node('Mul', [g.node('Transpose', [q], { perm: [0, 2, 1, 3] }), g.float(1 / Math.sqrt(headWidth))]);
  const scores = g.node('MatMul', [queries, g.node('Transpose', [k], { perm: [0, 2, 3, 1] })]); // [B, heads, N, N]
  const weights = g.node('Softmax', [scores], { axis: -1 });
  const mixed = g.node('MatMul', [weights, g.node('Transpose', [v], { perm: [0, 2, 1, 3] })]);
  return g.node('Reshape', [g.node('Transpose', [mixed], { perm: [0, 2, 1, 3] }), g.integers([0, 0, width])]);
}

/** D → 4D → D with exact GELU; parameters <name>.fc1 and <name>.fc2. */
function mlp(g: OnnxGraph, name: string, x: string, width: number): string {
  const hidden = gelu(g, linear(g, `${name}.fc1`, x, width, 4 * width));
  return linear(g, `${name}.fc2`, hidden, 4 * width, width);
}

/** Pre-norm block (Dosovitskiy et al. 2021): x ← x + Attn(LN(x)); x ← x + MLP(LN(x)). x [B, N, width]. */
export function transformerBlock(g: OnnxGraph, name: string, x: string, width: number, heads: number): string {
  const qkv = linear(g, `${name}.qkv`, layerNorm(g, `${name}.norm1`, x, width), width, 3 * width);
  const attended = g.node('Add', [x, linear(g, `${name}.proj`, attention(g, qkv, width, heads), width, width)]);
  return g.node('Add', [attended, mlp(g, name, layerNorm(g, `${name}.norm2`, attended, width), width)]);
}

/** Blocks <name>.0 … and the final norm <name>.norm. x [B, N, width]. */
export function trunk(
  g: OnnxGraph,
  name: string,
  x: string,
  { width, depth, heads }: { readonly width: number; readonly depth: number; readonly heads: number },
): string {
  let y = x;
  for (let i = 0; i < depth; i++) y = transformerBlock(g, `${name}.${i}`, y, width, heads);
  return layerNorm(g, `${name}.norm`, y, width);
}

/** Patches [B, L, P] → tokens [B, L, width]: the convolution with kernel and stride p, as a linear map. */
export function patchEmbed(g: OnnxGraph, patches: string, length: number, width: number): string {
  return linear(g, 'patchEmbed', patches, length, width);
}

/** Rows of x [B, N, …] at ids int64 [B, K] of the same image → [B, K, …]. */
export function gatherRows(g: OnnxGraph, x: string, ids: string): string {
  return g.node('GatherND', [x, g.node('Unsqueeze', [ids, g.integers([-1])])], { batch_dims: 1 });
}

/** A row [1, 1, width] for every image of `like` [B, …] → [B, 1, width]. */
export function rowPerImage(g: OnnxGraph, row: string, like: string): string {
  const batch = g.node('Slice', [g.node('Shape', [like]), g.integers([0]), g.integers([1])]);
  return g.node('Expand', [row, g.node('Concat', [batch, g.integers([1, 1])], { axis: 0 })]);
}
