/** The U-Net of the diffusion lab as an ONNX sub-graph of plain operators, with the parameter names that the trainer uses. */
import type { OnnxGraph } from './onnxGraph';
import { attention, linear, silu } from './vitBlocks';

export interface UnetForm {
  readonly channels: number;
  readonly size: number;
  /** Channels of each level, from full size down. */
  readonly widths: readonly number[];
  readonly blocks: number;
  readonly attention: boolean;
  /** Groups of a norm of so many channels. */
  readonly groupsOf: (channels: number) => number;
}

const GROUP_NORM_EPS = 1e-5;

/** F: x [B, C, S, S], and what the network is told, e [B, E] → [B, C, S, S]. B may vary. */
export function unet(g: OnnxGraph, net: UnetForm, x: string, e: string, embeddingWidth: number): string {
  const { widths, blocks, groupsOf } = net;
  const lowest = widths.length - 1;
  const sides = widths.map((_, level) => Math.ceil(net.size / 2 ** level));
  const skips: string[] = [];
  let h = x;
  let from = net.channels;
  const through = (way: string, level: number, width: number) => {
    for (let i = 0; i < blocks; i++) {
      h = residualBlock(g, `${way}.${level}.${i}`, h, { from, to: width, e, embeddingWidth, groupsOf });
      from = width;
    }
  };
  widths.forEach((width, level) => {
    h = convolution(g, `down.${level}`, h, { from, to: width, kernel: 3, stride: level === 0 ? 1 : 2 });
    from = width;
    through('encode', level, width);
    skips.push(h);
  });
  if (net.attention) h = attended(g, 'attention', h, from, sides[lowest] ?? 1, groupsOf(from));
  for (let level = lowest; level >= 0; level--) {
    const [width = 1, side = 1] = [widths[level], sides[level]];
    if (level < lowest) {
      const up = doubled(g, h, from, sides[level + 1] ?? 1, side);
      const wide = convolution(g, `up.${level}`, up, { from, to: width, kernel: 3 });
      h = g.node('Concat', [wide, skips[level] ?? ''], { axis: 1 });
      from = 2 * width;
    }
    through('decode', level, width);
  }
  const last = silu(g, groupNorm(g, 'out.norm', h, from, groupsOf(from)));
  return convolution(g, 'out', last, { from, to: net.channels, kernel: 3 });
}

interface Conv {
  readonly from: number;
  readonly to: number;
  readonly kernel: 1 | 3;
  readonly stride?: number;
}

/** The weight lies as [kernel, kernel, in, out]; the window is padded to keep the side. */
function convolution(g: OnnxGraph, name: string, x: string, { from, to, kernel, stride = 1 }: Conv): string {
  const weight = g.parameter(`${name}.weight`, [kernel, kernel, from, to]);
  const turned = g.node('Transpose', [weight], { perm: [3, 2, 0, 1] });
  const pad = (kernel - 1) / 2;
  const settings = { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [pad, pad, pad, pad] };
  return g.node('Conv', [x, turned, g.parameter(`${name}.bias`, [to])], settings);
}

/** Instance norm over groups as if they were channels, then the channels' own scale and shift: the operator set has no group norm. */
function groupNorm(g: OnnxGraph, name: string, x: string, channels: number, groups: number): string {
  const rows = g.node('Reshape', [x, g.integers([0, groups, -1])]);
  const one = g.floats(`ones.${groups}`, [groups], new Float32Array(groups).fill(1));
  const none = g.floats(`zeros.${groups}`, [groups], new Float32Array(groups));
  const normed = g.node('InstanceNormalization', [rows, one, none], { epsilon: { float: GROUP_NORM_EPS } });
  const back = g.node('Reshape', [normed, g.node('Shape', [x])]);
  const column = g.integers([channels, 1, 1]);
  const scale = g.node('Reshape', [g.parameter(`${name}.scale`, [channels]), column]);
  const shift = g.node('Reshape', [g.parameter(`${name}.shift`, [channels]), column]);
  return g.node('Add', [g.node('Mul', [back, scale]), shift]);
}

interface Block {
  readonly from: number;
  readonly to: number;
  readonly e: string;
  readonly embeddingWidth: number;
  readonly groupsOf: (channels: number) => number;
}

function residualBlock(g: OnnxGraph, name: string, x: string, b: Block): string {
  const { from, to, groupsOf } = b;
  const told = (part: string) =>
    g.node('Reshape', [linear(g, `${name}.${part}`, b.e, b.embeddingWidth, to), g.integers([0, to, 1, 1])]);
  const seen = silu(g, groupNorm(g, `${name}.norm1`, x, from, groupsOf(from)));
  const y = convolution(g, `${name}.conv1`, seen, { from, to, kernel: 3 });
  const normed = groupNorm(g, `${name}.norm2`, y, to, groupsOf(to));
  const scaled = g.node('Mul', [normed, g.node('Add', [told('noiseScale'), g.float(1)])]);
  const modulated = silu(g, g.node('Add', [scaled, told('noiseShift')]));
  const h = convolution(g, `${name}.conv2`, modulated, { from: to, to, kernel: 3 });
  return g.node('Add', [h, from === to ? x : convolution(g, `${name}.shortcut`, x, { from, to, kernel: 1 })]);
}

/** x + Attn(norm(x)) over the pixels of x [B, channels, side, side]. */
function attended(g: OnnxGraph, name: string, x: string, channels: number, side: number, groups: number): string {
  const flat = g.node('Reshape', [groupNorm(g, `${name}.norm`, x, channels, groups), g.integers([0, 0, side * side])]);
  const tokens = g.node('Transpose', [flat], { perm: [0, 2, 1] });
  const mixed = attention(g, linear(g, `${name}.qkv`, tokens, channels, 3 * channels), channels, 1);
  const out = g.node('Transpose', [linear(g, `${name}.proj`, mixed, channels, channels)], { perm: [0, 2, 1] });
  return g.node('Add', [x, g.node('Reshape', [out, g.integers([0, channels, side, side])])]);
}

/** Every pixel twice along both axes, cut to `to`: [B, channels, from, from] → [B, channels, to, to]. */
function doubled(g: OnnxGraph, x: string, channels: number, from: number, to: number): string {
  const apart = g.node('Reshape', [x, g.integers([0, channels, from, 1, from, 1])]);
  const repeated = g.node('Expand', [apart, g.integers([1, channels, from, 2, from, 2])]);
  const whole = g.node('Reshape', [repeated, g.integers([0, channels, 2 * from, 2 * from])]);
  if (2 * from === to) return whole;
  return g.node('Slice', [whole, g.integers([0, 0]), g.integers([to, to]), g.integers([2, 3])]);
}
