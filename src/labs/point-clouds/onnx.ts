/**
 * A network of this lab as an ONNX file, written from the very graph that is evaluated, and read back into a run.
 *
 *   in   points    float32 [1, N, D]           the numbers of each point, N as in training
 *        category  int64   [1]                 for parts: the class of the shape
 *    or  grid      float32 [1, 1, R, R, R]     VoxNet: occupancy 0 … 1, indexed [z, y, x]
 *    or  pictures  float32 [1, V, C, H, H]     MVCNN: ONNX has no operator that draws points with a z-buffer
 *   out  logits    float32 [1, K] or [1, N, K]
 *
 * One cloud at a time, and as many points: neighbours and balls are written with TopK and Gather, farthest points as one round after the
 * other. VoxNet takes its grid, so that the file does not depend on how cells are counted.
 */
import * as v from 'valibot';
import { State } from '../../engine/state';
import type { Tensor } from '../../engine/tensor';
import { decodeModel } from '../../models/onnxProto';
import { isParameter, OnnxGraph } from '../../models/onnxGraph';
import { factProperties, readModelFacts, readProperty, type ModelFacts } from '../../models/modelFacts';
import { ModelFileError } from '../../models/protobuf';
import { ParameterSet, type ParameterSource } from '../../nn/parameters';
import type { ExportedModel, NamedArray, RunFacts, Snapshot } from '../../train/experiment';
import { writeLink } from '../../train/link';
import { writeGraph } from '../graphOnnx';
import { meta } from './meta';
import { networkOn } from './network';
import type { NetworkShape } from './networkShape';

/** Property of the file that holds the architecture as JSON. */
const NETWORK = 'glimpse.pointClouds';
/** What may differ between a file and a run that takes its weights. */
const FREE: readonly string[] = ['dropout', 'radius', 'members', 'centres', 'k', 'graph', 'views', 'occupancy'];

export interface ExportedAs {
  readonly network: NetworkShape;
  /** Points of a cloud, N. */
  readonly points: number;
  /** Id of the data set. */
  readonly data: string;
}

interface InputForm {
  readonly name: 'points' | 'grid' | 'pictures';
  readonly shape: readonly number[];
}

/** What the file's network is given. */
export function inputForm(network: NetworkShape, points: number): InputForm {
  if (network.method === 'voxels') {
    const { side } = network;
    return { name: 'grid', shape: [1, 1, side, side, side] };
  }
  if (network.method === 'views') {
    const { views, shading, size } = network;
    return { name: 'pictures', shape: [1, views, shading === 'normals' ? 3 : 1, size, size] };
  }
  return { name: 'points', shape: [1, points, network.channels] };
}

/** The network for one cloud as a graph, and what its leaves are called. */
function graphOf(network: NetworkShape, points: number) {
  const form = inputForm(network, points);
  const set = new ParameterSet(1);
  const parameters = new Map<Tensor, string>();
  const p: ParameterSource = {
    create: (name, shape, init, options) => {
      const tensor = set.create(name, shape, init, options);
      parameters.set(tensor, name);
      return tensor;
    },
  };
  const input = new State(form.name, form.shape).tensor();
  const category = network.categories > 0 ? new State('category', [1], 'u32').tensor() : undefined;
  const { logits } = networkOn({ p, mode: { training: false } }, network, input, category);
  const inputs = new Map([[input, form.name as string], ...(category ? [[category, 'category'] as const] : [])]);
  return { form, set, logits, names: { parameters, inputs }, category };
}

/** The run's model as a file. Throws when weights and architecture do not fit. */
export function exportNetwork(
  snapshot: Snapshot,
  { network, points, data }: ExportedAs,
  { config, changes }: RunFacts,
): ExportedModel {
  const { form, logits, names, category } = graphOf(network, points);
  const g = new OnnxGraph(`point-clouds-${network.method}`, snapshot.parameters);
  g.input(form.name, 'f32', form.shape);
  if (category) g.input('category', 'i64', [1]);
  const [written = ''] = writeGraph(g, [logits], names);
  g.output('logits', written, 'f32', logits.shape);
  const facts = {
    ...factProperties({ link: writeLink(meta, { config, changes }), data, steps: snapshot.step }),
    [NETWORK]: JSON.stringify(network),
  };
  return {
    name: `${network.method}-${data}-${snapshot.step}.onnx`,
    bytes: g.finish(new Map(Object.entries(facts))),
  };
}

/** A run at step 0 with the file's weights. Throws ModelFileError naming what the file has otherwise than this run. */
export function importNetwork(bytes: Uint8Array, network: NetworkShape): Snapshot {
  const { initialisers, metadata } = decodeModel(bytes);
  const found = readShape(metadata);
  const wanted: Readonly<Record<string, unknown>> = { ...network };
  const parts = [...new Set([...Object.keys(wanted), ...Object.keys(found)])].filter((part) => !FREE.includes(part));
  const differing = parts.filter((part) => found[part] !== wanted[part]);
  if (differing.length > 0) {
    const named = differing.map((part) => `${part} ${String(found[part])} (here ${String(wanted[part])})`);
    throw new ModelFileError(
      `model file: it does not fit this run: ${named.join(', ')}; set these as the file has them, then open it again`,
    );
  }
  const parameters = new Map<string, NamedArray>();
  for (const tensor of initialisers) {
    if (isParameter(tensor) && tensor.data instanceof Float32Array)
      parameters.set(tensor.name, { shape: tensor.shape, data: tensor.data });
  }
  const missing = graphOf(network, Math.max(64, 'k' in network ? network.k : 1)).set.all.filter(
    (p) => parameters.get(p.name)?.shape.join() !== p.shape.join(),
  );
  if (missing.length > 0)
    throw new ModelFileError(
      `model file: its weights are not whole ("${missing[0]?.name ?? ''}" is missing or has another shape); export or download it again`,
    );
  return { step: 0, parameters, firstMoment: new Map(), secondMoment: new Map() };
}

/** What an exported file says of itself. */
export interface PointCloudFacts extends ModelFacts {
  readonly method: string;
}

/** Throws ModelFileError naming the property that is missing or wrong. */
export function readPointCloudFacts(bytes: Uint8Array): PointCloudFacts {
  const { metadata } = decodeModel(bytes);
  return { ...readModelFacts(metadata), method: String(readShape(metadata)['method']) };
}

const Shape = v.record(v.string(), v.union([v.string(), v.number(), v.boolean()]));

function readShape(metadata: ReadonlyMap<string, string>): Readonly<Record<string, unknown>> {
  let json: unknown;
  const text = readProperty(metadata, NETWORK);
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  const parsed = v.safeParse(Shape, json);
  if (parsed.success) return parsed.output;
  throw new ModelFileError(
    `model file: property "${NETWORK}" is not valid (${parsed.issues[0].message}); export the model again`,
  );
}
