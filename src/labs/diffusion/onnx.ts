/** A diffusion model as an ONNX file: what the trainer holds, written by `models/diffusionOnnx` and read back. */
import * as v from 'valibot';
import { readDiffusion, writeDiffusion, type FixedTables } from '../../models/diffusionOnnx';
import { factProperties, readModelFacts, readProperty, type ModelFacts } from '../../models/modelFacts';
import { ModelFileError } from '../../models/protobuf';
import { sinCosPositions2d } from '../../nn/positions';
import type { ExportedModel, RunFacts, Snapshot } from '../../train/experiment';
import { writeLink } from '../../train/link';
import { meta } from './meta';
import { placeFrequencies } from './mlp';
import type { NetworkShape } from './network';
import { noiseFrequencies } from './noiseFeatures';
import { embeddingWidth, groupsOf, levelWidth } from './unet';
import type { Process } from './process/framework';
import { preconditionings, type PreconditioningName } from './process/preconditioning';

/** Property of the file that holds the process as JSON: what the network's output means, and how it was to be sampled. */
const PROCESS = 'glimpse.process';

const ProcessFacts = v.object({
  preconditioning: v.picklist(Object.keys(preconditionings) as PreconditioningName[]),
  constants: v.object({ sigmaData: v.number(), sigmaMin: v.number(), sigmaMax: v.number() }),
});

/** What an exported file says of itself; its link holds the whole process. */
export interface DiffusionFacts extends ModelFacts {
  readonly network: NetworkShape;
  readonly preconditioning: PreconditioningName;
  readonly sigmaData: number;
}

/** What a file says of its model beside the weights. */
export interface ExportedAs {
  readonly network: NetworkShape;
  readonly process: Process;
  /** Id of the data set. */
  readonly data: string;
}

function fixedTables(network: NetworkShape): FixedTables {
  const tables = { noise: noiseFrequencies(), place: placeFrequencies() };
  if (network.kind === 'mlp') return tables;
  if (network.kind === 'unet') {
    const widths = Array.from({ length: network.levels }, (_, level) => levelWidth(network, level));
    return { ...tables, unet: { ...network, widths, groupsOf, embedding: embeddingWidth(network) } };
  }
  const grid = network.size / network.patch;
  const data = sinCosPositions2d(network.width, grid, false);
  return { ...tables, positions: { shape: [grid * grid, network.width], data } };
}

/** The run's model as a file: its moving average where it keeps one, else its weights. Throws when weights and shape do not fit. */
export function exportDiffusion(
  snapshot: Snapshot,
  { network, process, data }: ExportedAs,
  { config, changes }: RunFacts,
): ExportedModel {
  const { labelSpan } = preconditionings[process.preconditioning];
  const facts = {
    ...factProperties({ link: writeLink(meta, { config, changes }), data, steps: snapshot.step }),
    [PROCESS]: JSON.stringify(process),
  };
  const weights = snapshot.average ?? snapshot.parameters;
  const bytes = writeDiffusion(weights, fixedTables(network), { network, labelSpan }, facts);
  return { name: `diffusion-${data}-${snapshot.step}.onnx`, bytes };
}

/** A run at step 0 with the file's weights. Throws ModelFileError naming what the file has otherwise than this run. */
export function importDiffusion(bytes: Uint8Array, { network, process }: Omit<ExportedAs, 'data'>): Snapshot {
  const { parameters, config, metadata } = readDiffusion(bytes);
  const found: Readonly<Record<string, unknown>> = { ...config.network, ...meaningOf(metadata) };
  const wanted: Readonly<Record<string, unknown>> = { ...network, preconditioning: process.preconditioning };
  const parts = [...new Set([...Object.keys(wanted), ...Object.keys(found)])].filter((part) => part !== 'sigmaData');
  const differing = parts.filter((part) => found[part] !== wanted[part]);
  if (differing.length > 0) {
    const named = differing.map((part) => `${part} ${String(found[part])} (here ${String(wanted[part])})`);
    throw new ModelFileError(
      `model file: it does not fit this run: ${named.join(', ')}; set these as the file has them, then open it again`,
    );
  }
  requireWhole(parameters, network, process);
  return { step: 0, parameters, firstMoment: new Map(), secondMoment: new Map() };
}

/** Throws ModelFileError when a parameter is missing or has no place: writing them anew finds it. */
function requireWhole(parameters: Snapshot['parameters'], network: NetworkShape, process: Process): void {
  try {
    writeDiffusion(parameters, fixedTables(network), {
      network,
      labelSpan: preconditionings[process.preconditioning].labelSpan,
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ModelFileError(`model file: its weights are not whole (${reason}); export or download it again`);
  }
}

/** What the file says of itself. Throws ModelFileError naming the property that is missing or wrong. */
export function readDiffusionFacts(bytes: Uint8Array): DiffusionFacts {
  const { config, metadata } = readDiffusion(bytes);
  return { ...readModelFacts(metadata), network: config.network, ...meaningOf(metadata) };
}

function meaningOf(metadata: ReadonlyMap<string, string>): { preconditioning: PreconditioningName; sigmaData: number } {
  let json: unknown;
  try {
    json = JSON.parse(readProperty(metadata, PROCESS));
  } catch (error) {
    if (error instanceof ModelFileError) throw error;
    json = undefined;
  }
  const parsed = v.safeParse(ProcessFacts, json);
  if (!parsed.success)
    throw new ModelFileError(
      `model file: property "${PROCESS}" is not valid (${parsed.issues[0].message}); export the model again`,
    );
  return { preconditioning: parsed.output.preconditioning, sigmaData: parsed.output.constants.sigmaData };
}
