/** The masked autoencoder as an ONNX file: what the trainer holds, written by `models/maeOnnx` and read back. */
import * as v from 'valibot';
import type { ImageSet } from '../../data/imageSet';
import { readMaeConfig, readParameters, writeMae } from '../../models/maeOnnx';
import { factProperties, readModelFacts, readProperty, type ModelFacts } from '../../models/modelFacts';
import { ModelFileError } from '../../models/protobuf';
import { sinCosPositions2d } from '../../nn/positions';
import { channelStatistics } from '../../train/deviceImages';
import type { ExportedModel, NamedArray, RunFacts, Snapshot } from '../../train/experiment';
import { writeLink } from '../../train/link';
import type { MaeShape } from './mae';
import { meta } from './meta';
import { TARGET_EPSILON } from './settings';

/** What a file says of its model beside the weights. */
export interface ExportedAs {
  readonly shape: MaeShape;
  readonly data: ImageSet;
  readonly normalisedTarget: boolean;
}

/** Property of the file that holds the PixelFacts as JSON. */
const PIXELS = 'glimpse.pixels';

const Pixels = v.object({
  /** Of each channel in units of 0…1: the model takes (pixel − mean)/deviation. */
  mean: v.array(v.number()),
  deviation: v.array(v.number()),
  /** With a normalised target: ε of (patch − mean)/√(variance + ε). */
  targetEpsilon: v.optional(v.number()),
});

/** How pixels become the model's numbers, and what its output means. */
export type PixelFacts = v.InferOutput<typeof Pixels>;

/** What an exported file says of itself. */
export interface MaeFacts extends ModelFacts {
  readonly shape: MaeShape;
  readonly pixels: PixelFacts;
}

/** The fixed positions, which the file holds and the trainer computes. */
const POSITIONS = ['encoder.position', 'decoder.position'];

function positionTables(shape: MaeShape): [string, NamedArray][] {
  const grid = shape.size / shape.patch;
  const rows = grid * grid + (shape.classToken ? 1 : 0);
  return [shape.width, shape.decoderWidth].map((width, i) => [
    POSITIONS[i] ?? '',
    { shape: [rows, width], data: sinCosPositions2d(width, grid, shape.classToken) },
  ]);
}

/** The run's model as a file: its moving average where it keeps one, else its weights. Throws when weights and shape do not fit. */
export function exportMae(
  snapshot: Snapshot,
  { shape, data, normalisedTarget }: ExportedAs,
  { config, changes }: RunFacts,
): ExportedModel {
  const weights = snapshot.average ?? snapshot.parameters;
  const pixels: PixelFacts = {
    ...channelStatistics(data),
    ...(normalisedTarget && { targetEpsilon: TARGET_EPSILON }),
  };
  const facts = {
    ...factProperties({ link: writeLink(meta, { config, changes }), data: data.id, steps: snapshot.step }),
    [PIXELS]: JSON.stringify(pixels),
  };
  const bytes = writeMae(new Map([...weights, ...positionTables(shape)]), shape, facts);
  return { name: `mae-${data.id}-${snapshot.step}.onnx`, bytes };
}

/** Words for what an architecture consists of, as the controls call it. */
const PARTS: Readonly<Record<keyof MaeShape, string>> = {
  channels: 'channels of the images',
  size: 'image size',
  patch: 'patch size',
  width: 'encoder width',
  depth: 'encoder blocks',
  heads: 'encoder heads',
  decoderWidth: 'decoder width',
  decoderDepth: 'decoder blocks',
  decoderHeads: 'decoder heads',
  classToken: 'class token',
  symmetric: 'mask tokens in the encoder',
};

/** A run at step 0 with the file's weights. Throws ModelFileError naming what the file has otherwise than `shape`. */
export function importMae(bytes: Uint8Array, shape: MaeShape): Snapshot {
  const { params, metadata } = readParameters(bytes);
  const found = readMaeConfig(metadata);
  const differing = (Object.keys(PARTS) as (keyof MaeShape)[]).filter((part) => found[part] !== shape[part]);
  if (differing.length > 0) {
    const named = differing.map((part) => `${PARTS[part]} ${String(found[part])} (here ${String(shape[part])})`);
    throw new ModelFileError(
      `model file: it does not fit this run: ${named.join(', ')}; set these as the file has them, then open it again`,
    );
  }
  requireWhole(params, found);
  for (const name of POSITIONS) params.delete(name);
  return { step: 0, parameters: params, firstMoment: new Map(), secondMoment: new Map() };
}

/** Throws ModelFileError when a parameter is missing or has no place: writing them anew finds it. */
function requireWhole(params: ReadonlyMap<string, NamedArray>, shape: MaeShape): void {
  try {
    writeMae(params, shape);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ModelFileError(`model file: its weights are not whole (${reason}); export or download it again`);
  }
}

/** What the file says of itself. Throws ModelFileError naming the property that is missing or wrong. */
export function readMaeFacts(bytes: Uint8Array): MaeFacts {
  const { metadata } = readParameters(bytes);
  return {
    ...readModelFacts(metadata),
    shape: readMaeConfig(metadata),
    pixels: readPixels(readProperty(metadata, PIXELS)),
  };
}

function readPixels(text: string): PixelFacts {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  const parsed = v.safeParse(Pixels, json);
  if (parsed.success) return parsed.output;
  throw new ModelFileError(
    `model file: property "${PIXELS}" is not valid (${parsed.issues[0].message}); export the model again`,
  );
}
