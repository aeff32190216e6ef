/**
 * The network F of a diffusion model as an ONNX file: parameters as named initialisers, so that the file loads back into the trainer.
 *
 * B may vary from run to run.
 *
 *   in   input  float32 [B, 2] or [B, C, S, S]   the scaled state c_in x̄
 *        label  float32 [B]                      c_noise
 *        class  int64   [B]                      for networks that know classes; their number stands for none
 *   out  output float32 like input               F; what it means (D = c_skip x̄ + c_out F) is in the file's properties
 */
import * as v from 'valibot';
import { isParameter, OnnxGraph, type ParameterValue, type ParameterValues } from './onnxGraph';
import { decodeModel } from './onnxProto';
import { ModelFileError } from './protobuf';
import { unet, type UnetForm } from './unetOnnx';
import { attention, gelu, layerNorm, linear, silu } from './vitBlocks';

const count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65536));

const classes = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1000));

const NetworkSchema = v.variant('kind', [
  v.object({ kind: v.literal('mlp'), inputs: count, width: count, depth: count }),
  v.object({
    kind: v.literal('dit'),
    channels: count,
    size: count,
    patch: count,
    width: count,
    depth: count,
    heads: count,
    classes,
  }),
  v.object({
    kind: v.literal('unet'),
    channels: count,
    size: count,
    width: count,
    levels: v.pipe(count, v.maxValue(12)),
    blocks: count,
    attention: v.boolean(),
    classes,
  }),
]);

const ConfigSchema = v.object({
  network: NetworkSchema,
  /** What c_noise is divided by. */
  labelSpan: v.pipe(v.number(), v.minValue(1e-6)),
});
export type DiffusionConfig = Readonly<v.InferOutput<typeof ConfigSchema>>;
type Network = DiffusionConfig['network'];
type Dit = Extract<Network, { kind: 'dit' }>;

/** Property of the file that holds the DiffusionConfig as JSON. */
const CONFIG_KEY = 'glimpse.diffusion';

/** Angles of the sines that numbers enter by: [n] each, the phases making cosines of some. */
interface Features {
  readonly omega: readonly number[];
  readonly phase: readonly number[];
}

/** What the file holds and the trainer computes. */
export interface FixedTables {
  /** Of the noise label, and of a coordinate (of points only). */
  readonly noise: Features;
  readonly place: Features;
  /** Positions of the patches [L, D], of transformers only. */
  readonly positions?: ParameterValue;
  /** What follows from a U-Net's settings, and the width of its embedding. */
  readonly unet?: UnetForm & { readonly embedding: number };
}

/** Names of the fixed tables in a file. */
const FIXED = ['noise.omega', 'noise.phase', 'place.omega', 'place.phase', 'position'] as const;

function row({ omega, phase }: Features, name: string, shape: readonly number[]): [string, ParameterValue][] {
  return [
    [`${name}.omega`, { shape, data: Float32Array.from(omega) }],
    [`${name}.phase`, { shape, data: Float32Array.from(phase) }],
  ];
}

/**
 * The file of a network. `facts` become properties of the file. Throws when a parameter is missing, has another shape than the config
 * says, or has no place in it.
 */
export function writeDiffusion(
  parameters: ParameterValues,
  tables: FixedTables,
  config: DiffusionConfig,
  facts: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const { network } = config;
  const noise = row(tables.noise, 'noise', [1, tables.noise.omega.length]);
  const fixed = new Map(
    network.kind === 'mlp' ? [...noise, ...row(tables.place, 'place', [1, 1, tables.place.omega.length])] : noise,
  );
  if (tables.positions && network.kind === 'dit') fixed.set('position', tables.positions);
  const g = new OnnxGraph(`diffusion-${network.kind}`, new Map([...parameters, ...fixed]));
  const shape = network.kind === 'mlp' ? [network.inputs] : [network.channels, network.size, network.size];
  const input = g.input('input', 'f32', ['B', ...shape]);
  const label = g.input('label', 'f32', ['B']);
  const column = g.node('Mul', [g.node('Unsqueeze', [label, g.integers([-1])]), g.float(1 / config.labelSpan)]);
  const features = sines(g, 'noise', column, [1, tables.noise.omega.length]);
  const width = tables.noise.omega.length;
  const told = (to: number, classes: number) => embedding(g, to, classes, features, width);
  const write = () => {
    switch (network.kind) {
      case 'mlp':
        return mlp(g, network, input, features, width, tables.place.omega.length);
      case 'dit':
        return dit(g, network, input, told(network.width, network.classes));
      case 'unet': {
        const form = tables.unet;
        if (!form) throw new Error('ONNX export: the form of the U-Net is missing; give it with the tables');
        return unet(g, form, input, told(form.embedding, network.classes), form.embedding);
      }
    }
  };
  g.output('output', write(), 'f32', ['B', ...shape]);
  return g.finish(new Map([...Object.entries(facts), [CONFIG_KEY, JSON.stringify(config)]]));
}

/** sin(x·ω + φ). */
function sines(g: OnnxGraph, name: string, x: string, shape: readonly number[]): string {
  const angle = g.node('Mul', [x, g.parameter(`${name}.omega`, shape)]);
  return g.node('Sin', [g.node('Add', [angle, g.parameter(`${name}.phase`, shape)])]);
}

function mlp(
  g: OnnxGraph,
  { inputs, width, depth }: Extract<Network, { kind: 'mlp' }>,
  x: string,
  noise: string,
  noiseWidth: number,
  placeWidth: number,
): string {
  const spread = sines(g, 'place', g.node('Unsqueeze', [x, g.integers([-1])]), [1, 1, placeWidth]);
  const places = g.node('Reshape', [spread, g.integers([0, inputs * placeWidth])]);
  let h = g.node('Concat', [x, places, noise], { axis: 1 });
  let from = inputs + inputs * placeWidth + noiseWidth;
  for (let i = 0; i < depth; i++) {
    h = silu(g, linear(g, `hidden.${i}`, h, from, width));
    from = width;
  }
  return linear(g, 'out', h, from, inputs);
}

function dit(g: OnnxGraph, net: Dit, x: string, told: string): string {
  const { channels: c, patch: p, width, depth, heads } = net;
  const grid = net.size / p;
  const cut = g.node('Reshape', [x, g.integers([0, c, grid, p, grid, p])]);
  const ordered = g.node('Transpose', [cut], { perm: [0, 2, 4, 3, 5, 1] });
  const patches = g.node('Reshape', [ordered, g.integers([0, grid * grid, p * p * c])]);
  const embedded = linear(g, 'patchEmbed', patches, p * p * c, width);
  let tokens = g.node('Add', [embedded, g.parameter('position', [grid * grid, width])]);
  const parts = modulation(g, net, told);
  for (let i = 0; i < depth; i++) {
    const name = `block.${i}`;
    const seen = modulated(g, layerNorm(g, `${name}.norm1`, tokens, width), parts[0], parts[1]);
    const mixed = attention(g, linear(g, `${name}.qkv`, seen, width, 3 * width), width, heads);
    tokens = gated(g, tokens, linear(g, `${name}.proj`, mixed, width, width), parts[2]);
    const again = modulated(g, layerNorm(g, `${name}.norm2`, tokens, width), parts[3], parts[4]);
    const hidden = gelu(g, linear(g, `${name}.fc1`, again, width, 4 * width));
    tokens = gated(g, tokens, linear(g, `${name}.fc2`, hidden, 4 * width, width), parts[5]);
  }
  const last = modulated(g, layerNorm(g, 'head.norm', tokens, width), parts[6], parts[7]);
  const out = linear(g, 'head', last, width, p * p * c);
  const laid = g.node('Reshape', [out, g.integers([0, grid, grid, p, p, c])]);
  const turned = g.node('Transpose', [laid], { perm: [0, 5, 1, 3, 2, 4] });
  return g.node('Reshape', [turned, g.integers([0, c, net.size, net.size])]);
}

/** silu(MLP(noise) + row of the class), [B, width]. */
function embedding(g: OnnxGraph, width: number, classes: number, noise: string, noiseWidth: number): string {
  const hidden = silu(g, linear(g, 'noise.fc1', noise, noiseWidth, width));
  const embedded = linear(g, 'noise.fc2', hidden, width, width);
  if (classes === 0) return silu(g, embedded);
  const rows = [g.parameter('classes', [classes, width]), g.parameter('noClass', [1, width])];
  const table = g.node('Concat', rows, { axis: 0 });
  const row = g.node('Gather', [table, g.input('class', 'i64', ['B'])], { axis: 0 });
  return silu(g, g.node('Add', [embedded, row]));
}

/** Eight values [B, 1, D] from what the network is told [B, D]. */
function modulation(g: OnnxGraph, { width }: Dit, told: string): string[] {
  const all = linear(g, 'modulation', told, width, 8 * width);
  const stacked = g.node('Reshape', [all, g.integers([0, 8, width])]);
  return g.nodeOutputs('Split', [stacked, g.integers([1, 1, 1, 1, 1, 1, 1, 1])], 8, { axis: 1 });
}

/** x·(1 + scale) + shift. */
function modulated(g: OnnxGraph, x: string, shift = '', scale = ''): string {
  return g.node('Add', [g.node('Mul', [x, g.node('Add', [scale, g.float(1)])]), shift]);
}

/** x + gate·y. */
function gated(g: OnnxGraph, x: string, y: string, gate = ''): string {
  return g.node('Add', [x, g.node('Mul', [gate, y])]);
}

/** Parameters without the fixed tables, and properties, of a file that `writeDiffusion` wrote. Throws ModelFileError when it is not one. */
export function readDiffusion(bytes: Uint8Array): {
  readonly parameters: Map<string, ParameterValue>;
  readonly config: DiffusionConfig;
  readonly metadata: ReadonlyMap<string, string>;
} {
  const { initialisers, metadata } = decodeModel(bytes);
  const parameters = new Map<string, ParameterValue>();
  const fixed: readonly string[] = FIXED;
  for (const tensor of initialisers) {
    if (!isParameter(tensor) || !(tensor.data instanceof Float32Array) || fixed.includes(tensor.name)) continue;
    parameters.set(tensor.name, { shape: tensor.shape, data: tensor.data });
  }
  return { parameters, config: readConfig(metadata.get(CONFIG_KEY)), metadata };
}

function readConfig(text: string | undefined): DiffusionConfig {
  if (text === undefined)
    throw new ModelFileError(
      `model file: it has no property "${CONFIG_KEY}"; it is not a diffusion model exported by Glimpse: choose another file`,
    );
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  const parsed = v.safeParse(ConfigSchema, json);
  if (parsed.success) return parsed.output;
  throw new ModelFileError(
    `model file: property "${CONFIG_KEY}" is not valid (${parsed.issues[0].message}); export the model again`,
  );
}
