/**
 * A masked autoencoder (He et al. 2021; facebookresearch/mae) as an ONNX file: parameters as named initialisers, so that the file
 * loads back into the trainer.
 *
 * B images, L patches of P = p²·C numbers (pixel row, pixel column, channel fastest), K ≥ 1 of them visible; D and d are the widths of
 * encoder and decoder; c = 1 with a class token, else 0. B and K may vary from run to run.
 *
 *   in   patches      float32 [B, L, P]
 *        ids_keep     int64   [B, K]    visible patches in the order in which the encoder sees them
 *        ids_restore  int64   [B, L]    place of patch i in [visible; removed]
 *   out  pred         float32 [B, L, P]
 *        latent       float32 [B, K + c, D]
 *
 * With mask tokens in the encoder: in patches and mask float32 [B, L] (1 = removed); latent is [B, L + c, D].
 */
import * as v from 'valibot';
import { isParameter, OnnxGraph, type ParameterValue, type ParameterValues } from './onnxGraph';
import { decodeModel } from './onnxProto';
import { ModelFileError } from './protobuf';
import { gatherRows, linear, patchEmbed, rowPerImage, trunk } from './vitBlocks';

const count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65536));

const MaeConfigSchema = v.object({
  channels: count,
  /** Side of the image and of a patch, in pixels. */
  size: count,
  patch: count,
  width: count,
  depth: count,
  heads: count,
  decoderWidth: count,
  decoderDepth: count,
  decoderHeads: count,
  classToken: v.boolean(),
  /** Mask tokens pass through the encoder. */
  symmetric: v.boolean(),
});
export type MaeConfig = Readonly<v.InferOutput<typeof MaeConfigSchema>>;

/** Property of the file that holds the MaeConfig as JSON. */
const CONFIG_KEY = 'glimpse.mae';

interface Dimensions {
  readonly patches: number;
  readonly length: number;
  /** Rows of the position tables: L + c. */
  readonly rows: number;
}

function dimensionsOf(config: MaeConfig): Dimensions {
  const { size, patch, channels, width, heads, decoderWidth, decoderHeads } = config;
  if (size % patch !== 0) throw new Error(`ONNX export: image side ${size} does not divide by patch side ${patch}`);
  if (width % heads !== 0) throw new Error(`ONNX export: encoder width ${width} does not divide by ${heads} heads`);
  if (decoderWidth % decoderHeads !== 0) {
    throw new Error(`ONNX export: decoder width ${decoderWidth} does not divide by ${decoderHeads} heads`);
  }
  const patches = (size / patch) ** 2;
  return { patches, length: patch * patch * channels, rows: patches + (config.classToken ? 1 : 0) };
}

/**
 * The file of a model. `parameters` are the trainer's, and the fixed 'encoder.position' [L + c, D] and 'decoder.position' [L + c, d]
 * (row 0 is the class token's). `facts` become properties of the file (config link, data set, …). Throws when a parameter is
 * missing, has another shape than the config says, or has no place in it.
 */
export function writeMae(
  parameters: ParameterValues,
  config: MaeConfig,
  facts: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const dimensions = dimensionsOf(config);
  const g = new OnnxGraph(config.symmetric ? 'mae-symmetric' : 'mae', parameters);
  const patches = g.input('patches', 'f32', ['B', dimensions.patches, dimensions.length]);
  const { latent, decoded, rows } = config.symmetric
    ? symmetricTokens(g, config, dimensions, patches)
    : visibleTokens(g, config, dimensions, patches);
  g.output('pred', decode(g, config, dimensions, decoded), 'f32', ['B', dimensions.patches, dimensions.length]);
  g.output('latent', latent, 'f32', ['B', rows, config.width]);
  return g.finish(new Map([...Object.entries(facts), [CONFIG_KEY, JSON.stringify(config)]]));
}

interface Encoded {
  readonly latent: string;
  /** What the decoder starts from [B, L + c, d], before its positions. */
  readonly decoded: string;
  /** Rows of `latent`. */
  readonly rows: number | string;
}

/** The encoder sees the visible patches only; mask tokens fill the other places before the decoder. */
function visibleTokens(g: OnnxGraph, config: MaeConfig, dimensions: Dimensions, patches: string): Encoded {
  const idsKeep = g.input('ids_keep', 'i64', ['B', 'K']);
  const idsRestore = g.input('ids_restore', 'i64', ['B', dimensions.patches]);
  const position = g.parameter('encoder.position', [dimensions.rows, config.width]);
  const first = config.classToken ? 1 : 0;
  const rowOfPatch = first > 0 ? g.node('Add', [idsKeep, g.integer(first)]) : idsKeep;
  const embedded = patchEmbed(g, gatherRows(g, patches, idsKeep), dimensions.length, config.width);
  const tokens = g.node('Add', [embedded, g.node('Gather', [position, rowOfPatch], { axis: 0 })]); // [B, K, D]
  const latent = trunk(g, 'encoder', withClassToken(g, config, tokens, position, patches), config);

  const embed = linear(g, 'decoder.embed', latent, config.width, config.decoderWidth); // [B, K + c, d]
  const maskToken = rowPerImage(g, g.parameter('decoder.maskToken', [1, 1, config.decoderWidth]), patches);
  // One mask token behind the visible rows serves all removed places: their index is held at c + K.
  const extended = g.node('Concat', [embed, maskToken], { axis: 1 });
  const lastRow = g.node('Slice', [g.node('Shape', [embed]), g.integers([1]), g.integers([2])]);
  const place = first > 0 ? g.node('Add', [idsRestore, g.integer(first)]) : idsRestore;
  const filled = gatherRows(g, extended, g.node('Min', [place, lastRow]));
  const decoded = first > 0 ? g.node('Concat', [rowsOf(g, embed, 0, 1), filled], { axis: 1 }) : filled;
  return { latent, decoded, rows: first > 0 ? 'K + 1' : 'K' };
}

/** The symmetric design: all places pass through the encoder, removed ones as mask tokens. */
function symmetricTokens(g: OnnxGraph, config: MaeConfig, dimensions: Dimensions, patches: string): Encoded {
  const mask = g.input('mask', 'f32', ['B', dimensions.patches]);
  const position = g.parameter('encoder.position', [dimensions.rows, config.width]);
  const removed = g.node('Greater', [g.node('Unsqueeze', [mask, g.integers([-1])]), g.float(0.5)]);
  const embedded = patchEmbed(g, patches, dimensions.length, config.width);
  const shown = g.node('Where', [removed, g.parameter('encoder.maskToken', [1, 1, config.width]), embedded]);
  const ofPatches = config.classToken ? rowsOf(g, position, 1, dimensions.rows, 0) : position;
  const tokens = g.node('Add', [shown, ofPatches]);
  const latent = trunk(g, 'encoder', withClassToken(g, config, tokens, position, patches), config);
  const decoded = linear(g, 'decoder.embed', latent, config.width, config.decoderWidth);
  return { latent, decoded, rows: dimensions.rows };
}

/** [classToken + position₀; tokens], or the tokens alone. */
function withClassToken(g: OnnxGraph, config: MaeConfig, tokens: string, position: string, patches: string): string {
  if (!config.classToken) return tokens;
  const token = g.node('Add', [g.parameter('classToken', [1, 1, config.width]), rowsOf(g, position, 0, 1, 0)]);
  return g.node('Concat', [rowPerImage(g, token, patches), tokens], { axis: 1 });
}

/** Rows from…to of x along `axis`. */
function rowsOf(g: OnnxGraph, x: string, from: number, to: number, axis = 1): string {
  return g.node('Slice', [x, g.integers([from]), g.integers([to]), g.integers([axis])]);
}

/** Decoder: tokens [B, L + c, d] → pixels [B, L, P]. */
function decode(g: OnnxGraph, config: MaeConfig, { rows, length }: Dimensions, tokens: string): string {
  const { decoderWidth: width, decoderDepth: depth, decoderHeads: heads } = config;
  const placed = g.node('Add', [tokens, g.parameter('decoder.position', [rows, width])]);
  const normed = trunk(g, 'decoder', placed, { width, depth, heads });
  const ofPatches = config.classToken ? rowsOf(g, normed, 1, rows) : normed;
  return linear(g, 'decoder.head', ofPatches, width, length);
}

/**
 * Parameters (with the fixed positions) and properties of a file that `writeMae` wrote. Throws ModelFileError when it is not one.
 */
export function readParameters(bytes: Uint8Array): {
  params: Map<string, ParameterValue>;
  metadata: ReadonlyMap<string, string>;
} {
  const model = decodeModel(bytes);
  const params = new Map<string, ParameterValue>();
  for (const tensor of model.initialisers) {
    if (!isParameter(tensor) || !(tensor.data instanceof Float32Array)) continue;
    params.set(tensor.name, { shape: tensor.shape, data: tensor.data });
  }
  return { params, metadata: model.metadata };
}

/** The architecture that the file's properties state. Throws ModelFileError when they state none. */
export function readMaeConfig(metadata: ReadonlyMap<string, string>): MaeConfig {
  const text = metadata.get(CONFIG_KEY);
  if (text === undefined) {
    throw new ModelFileError(
      `model file: it has no property "${CONFIG_KEY}"; it is not a masked autoencoder exported by Glimpse: choose another file`,
    );
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  const parsed = v.safeParse(MaeConfigSchema, json);
  if (parsed.success) return parsed.output;
  const at = parsed.issues[0].path?.map((part) => String(part.key)).join('.') ?? '';
  throw new ModelFileError(
    `model file: property "${CONFIG_KEY}" is not valid${at ? ` at "${at}"` : ''} (${parsed.issues[0].message}); export the model again`,
  );
}
