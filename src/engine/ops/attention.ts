import type { DeviceTraits } from '../../gpu/device';
import { defineOp, type Kernel, type KernelArgs, type Operand } from '../op';
import { ShapeError, type Tensor } from '../tensor';
import { lineGrid } from './grid';
import { pad } from './pad';
import { reshape } from './reshape';
import { slice } from './slice';

export interface AttentionAttrs {
  readonly heads: number;
  readonly causal: boolean;
  /** Factor of the scores; 1/√d as a rule. */
  readonly scale: number;
}

const LARGEST_HEAD = 128;

/** Head dimension; throws unless it divides by 4 and lies in 4…128. */
function headOf(op: string, inputs: readonly Tensor[], heads: number): number {
  const [qkv, keyMask] = inputs;
  const d = (qkv?.shape[2] ?? 0) / (3 * heads);
  if (qkv?.shape.length !== 3 || !Number.isInteger(d) || d % 4 !== 0 || d < 4 || d > LARGEST_HEAD) {
    throw new ShapeError(
      op,
      `takes qkv [B, N, 3·heads·d] with ${heads} heads, d a multiple of 4 up to ${LARGEST_HEAD}`,
      inputs,
    );
  }
  if (keyMask && keyMask.shape.join() !== qkv.shape.slice(0, 2).join()) {
    throw new ShapeError(op, 'the key mask must be [B, N]', inputs);
  }
  return d;
}

type Entry = 'forward' | 'queryGradient' | 'keyGradient' | 'attentionMap';

/** Multiply-adds of a pair of query and key, in units of d. */
const WORK: Record<Entry, number> = { forward: 2, queryGradient: 3, keyGradient: 4, attentionMap: 2 };

/**
 * Rows of a head by one invocation each (`rows`, shaders/attention.wgsl), or eight of them in register tiles (`tiles`,
 * shaders/attentionTile.wgsl): what CPU adapters want.
 */
export type AttentionVariant = 'rows' | 'tiles';

/** By class of device; `variants.attention` overrides it. */
export function chooseAttention(device: DeviceTraits): AttentionVariant {
  const forced = device.variants?.['attention'];
  if (forced === 'rows' || forced === 'tiles') return forced;
  return device.deviceClass === 'software' ? 'tiles' : 'rows';
}

const TILE = 8;
/** Keys (or queries) whose weights wait at one time, for each block of 8 rows. */
const CHUNK = 64;

function kernel(
  entry: Entry,
  qkv: Operand,
  keyMask: Operand | undefined,
  { heads, causal, scale }: AttentionAttrs,
  bindings: Readonly<Record<string, Operand>>,
): Kernel {
  const [batch = 1, tokens = 1, packed = 1] = qkv.shape;
  const d = packed / (3 * heads);
  const { workgroups, count, width } = lineGrid(batch * heads * tokens, 32);
  return {
    shader: 'attention',
    entry,
    constants: { D4: d / 4, CAUSAL: causal ? 1 : 0, USE_MASK: keyMask ? 1 : 0 },
    uniform: { count, width, tokens, heads, scale },
    // Without a mask its variable is bound all the same, and never read.
    bindings: { qkv, keyMask: keyMask ?? qkv, ...bindings },
    workgroups,
    flops: (2 * WORK[entry] * batch * heads * tokens * tokens * d) / (causal ? 2 : 1),
  };
}

type Scratch = KernelArgs<AttentionAttrs>['scratch'];

/** As `kernel`, by tiles; `sides` weights for each pair. */
function tileKernel(
  entry: Exclude<Entry, 'attentionMap'>,
  qkv: Operand,
  keyMask: Operand | undefined,
  { heads, causal, scale }: AttentionAttrs,
  bindings: Readonly<Record<string, Operand>>,
  scratch: Scratch,
): Kernel {
  const plain = kernel(entry, qkv, keyMask, { heads, causal, scale }, bindings);
  const [batch = 1, tokens = 1, packed = 1] = qkv.shape;
  const chunk = Math.min(CHUNK, Math.ceil(tokens / TILE) * TILE);
  const { workgroups, count, width } = lineGrid(batch * heads * Math.ceil(tokens / TILE), 16);
  const weights = scratch([count, (entry === 'keyGradient' ? 2 : 1) * TILE * chunk]);
  return {
    ...plain,
    shader: 'attentionTile',
    entry: `${entry}Tile`,
    constants: {},
    uniform: {
      count,
      width,
      tokens,
      heads,
      d4: packed / (12 * heads),
      chunk,
      scale,
      causal: causal ? 1 : 0,
      padded: keyMask ? 1 : 0,
    },
    bindings: { ...plain.bindings, weights },
    workgroups,
  };
}

/** qkv [B, N, 3·H·d] and perhaps a key mask [B, N] → out [B, N, H·d], logsumexp [B, H, N]. */
export const attentionOp = defineOp<AttentionAttrs>({
  name: 'attention',
  infer: (inputs, { heads }) => {
    const d = headOf('attention', inputs, heads);
    const [batch = 1, tokens = 1] = inputs[0]?.shape ?? [];
    return [
      { shape: [batch, tokens, heads * d], dtype: 'f32' },
      { shape: [batch, heads, tokens], dtype: 'f32' },
    ];
  },
  vjp: ({ inputs: [qkv, keyMask], outputs: [out, lse], cotangents: [dout], attrs }) => {
    if (!qkv || !out || !lse || !dout) return [undefined, undefined];
    const rest = keyMask ? [keyMask] : [];
    return [attentionGradOp.one([qkv, out, lse, dout, ...rest], attrs), undefined];
  },
  kernels: ({ inputs: [qkv, keyMask], outputs: [out, logsumexp], attrs, device, scratch }) => {
    if (!qkv || !out || !logsumexp) return [];
    const make = chooseAttention(device) === 'tiles' ? tileKernel : kernel;
    return [make('forward', qkv, keyMask, attrs, { out, logsumexp }, scratch)];
  },
});

/** qkv, out, logsumexp, dout and perhaps the key mask → dqkv [B, N, 3·H·d]. Two dispatches. */
export const attentionGradOp = defineOp<AttentionAttrs>({
  name: 'attentionGrad',
  infer: ([qkv]) => [{ shape: qkv?.shape ?? [], dtype: 'f32' }],
  kernels: ({ inputs: [qkv, result, lse, dout, keyMask], outputs: [dqkv], attrs, device, scratch }) => {
    if (!qkv || !result || !lse || !dout || !dqkv) return [];
    if (chooseAttention(device) === 'tiles') {
      const [batch = 1, heads = 1, tokens = 1] = lse.shape;
      const statistics = scratch([batch, heads, Math.ceil(tokens / TILE), 2 * TILE]);
      return [
        tileKernel('queryGradient', qkv, keyMask, attrs, { result, lse, dout, statistics, dqkv }, scratch),
        tileKernel('keyGradient', qkv, keyMask, attrs, { dout, known: statistics, dqkv }, scratch),
      ];
    }
    const delta = scratch(lse.shape);
    return [
      kernel('queryGradient', qkv, keyMask, attrs, { result, lse, dout, delta, dqkv }),
      kernel('keyGradient', qkv, keyMask, attrs, { lse, dout, deltas: delta, dqkv }),
    ];
  },
});

/** qkv and perhaps a key mask → probabilities [B, H, N, N]; for display, not differentiable. */
export const attentionMapOp = defineOp<AttentionAttrs>({
  name: 'attentionMap',
  infer: (inputs, { heads }) => {
    headOf('attentionMap', inputs, heads);
    const [batch = 1, tokens = 1] = inputs[0]?.shape ?? [];
    return [{ shape: [batch, heads, tokens, tokens], dtype: 'f32' }];
  },
  kernels: ({ inputs: [qkv, keyMask], outputs: [map], attrs }) =>
    qkv && map ? [kernel('attentionMap', qkv, keyMask, attrs, { map })] : [],
});

interface AttentionOptions {
  readonly heads: number;
  readonly causal?: boolean;
  readonly keyMask?: Tensor;
}

/** Heads padded with zeros to a multiple of 4: zeros add nothing to a score, and the outputs' padding is cut off again. */
function padded(qkv: Tensor, heads: number): { qkv: Tensor; d: number; wide: number } {
  const [batch = 1, tokens = 1, packed = 1] = qkv.shape;
  const d = packed / (3 * heads);
  const wide = Math.ceil(d / 4) * 4;
  if (wide === d || !Number.isInteger(d)) return { qkv, d, wide: d };
  const cut = reshape(qkv, [batch, tokens, 3 * heads, d]);
  return { qkv: reshape(pad(cut, [0, 0, 0, 0], [0, 0, 0, wide - d]), [batch, tokens, 3 * heads * wide]), d, wide };
}

/**
 * Self-attention: qkv [B, N, 3·H·d] packed as q | k | v, each [H, d] → [B, N, H·d]. Optional causal mask and key mask [B, N] (0 = nobody
 * attends to it). d up to 128. Throws ShapeError where the heads do not divide the width.
 */
export function attention(qkv: Tensor, { heads, causal = false, keyMask }: AttentionOptions): Tensor {
  const { qkv: even, d, wide } = padded(qkv, heads);
  const out = attentionOp.apply([even, ...(keyMask ? [keyMask] : [])], { heads, causal, scale: 1 / Math.sqrt(d) })[0];
  if (!out) throw new Error('attention: no output');
  if (wide === d) return out;
  const [batch = 1, tokens = 1] = qkv.shape;
  const cut = slice(reshape(out, [batch, tokens, heads, wide]), [0, 0, 0, 0], [batch, tokens, heads, d]);
  return reshape(cut, [batch, tokens, heads * d]);
}

/** The probabilities that `attention` uses, [B, H, N, N]. */
export function attentionMap(qkv: Tensor, { heads, causal = false, keyMask }: AttentionOptions): Tensor {
  const { qkv: even, d } = padded(qkv, heads);
  return attentionMapOp.one([even, ...(keyMask ? [keyMask] : [])], { heads, causal, scale: 1 / Math.sqrt(d) });
}
