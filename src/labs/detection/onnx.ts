/**
 * A detector of this lab as an ONNX file, written from the very graph that is evaluated, and read back into a run.
 *
 *   in   image          float32 [1, 3, S, S]   (v/255 − ½) · 4 of each byte v
 *   out  regions        float32 [R, 4]         proposals after suppression, (x1, y1, x2, y2) in pixels; zeros for what is not there
 *        probabilities  float32 [R, K + 1]     of the classes, the background first
 *        boxes          float32 [R, 4]         each region as the head moves it
 *        scoreMaps      float32 [1, (K + 1)k², h, w], boxMaps float32 [1, 4k², h, w]                      (R-FCN as well)
 *
 * Proposals are written with TopK and NonMaxSuppression, regions with RoiAlign or MaxRoiPool, deformable convolution with DeformConv (operator set
 * 19). ONNX has no operator for position-sensitive and deformable pooling: they are written as products of matrices (psRoiOnnx.ts).
 */
import { State } from '../../engine/state';
import type { Tensor } from '../../engine/tensor';
import { decodeModel } from '../../models/onnxProto';
import { isParameter, OnnxGraph } from '../../models/onnxGraph';
import { factProperties, readProperty } from '../../models/modelFacts';
import { ModelFileError } from '../../models/protobuf';
import { ParameterSet, type ParameterSource } from '../../nn/parameters';
import type { ExportedModel, NamedArray, RunFacts, Snapshot, StartingModel } from '../../train/experiment';
import { writeLink } from '../../train/link';
import { writeGraph } from '../graphOnnx';
import { anchorBoxes, judgeRegions, sharedPart } from './detector';
import { meta } from './meta';
import type { DetectorShape } from './settings';
import { BEFORE, SMALLEST } from './training';

/** Property of the file that holds the architecture as JSON. */
const SHAPE = 'glimpse.detection';
/** What may differ between a file and a run that takes its weights: anchors scale with the picture, the network does not. */
const FREE: readonly string[] = ['size', 'scales', 'offsetRate'];

export interface ExportedAs {
  readonly shape: DetectorShape;
  /** Id of the data set. */
  readonly data: string;
  /** Proposals that the file judges, and their suppression. */
  readonly proposals: number;
  readonly overlap: number;
}

/** Largest growth of a side: ln(1000/16), as in training. */
const GROWTH = 4.135166556742356;
/** Deviations of the head's shifts, of centres and of sizes. */
const HEAD = [0.1, 0.2] as const;

/** The run's model as a file. Throws when weights and architecture do not fit. */
export function exportDetector(snapshot: Snapshot, as: ExportedAs, { config, changes }: RunFacts): ExportedModel {
  const { shape, data } = as;
  const weights = snapshot.average ?? snapshot.parameters;
  const g = new OnnxGraph(`detection-${shape.method}`, weights, shape.deformation === 'none' ? 17 : 19);
  writeDetector(g, as);
  const facts = {
    ...factProperties({ link: writeLink(meta, { config, changes }), data, steps: snapshot.step }),
    [SHAPE]: JSON.stringify(shape),
  };
  return { name: `${shape.method}-${data}-${snapshot.step}.onnx`, bytes: g.finish(new Map(Object.entries(facts))) };
}

/** A source whose tensors are known by name. */
function namedSource(): {
  readonly p: ParameterSource;
  readonly set: ParameterSet;
  readonly parameters: Map<Tensor, string>;
} {
  const set = new ParameterSet(1);
  const parameters = new Map<Tensor, string>();
  const p: ParameterSource = {
    create: (name, dims, init, options) => {
      const tensor = set.create(name, dims, init, options);
      parameters.set(tensor, name);
      return tensor;
    },
  };
  return { p, set, parameters };
}

function writeDetector(g: OnnxGraph, { shape, proposals: R, overlap }: ExportedAs): void {
  const { size: S } = shape;
  const { p, parameters } = namedSource();
  const image = new State('image', [1, 3, S, S]).tensor();
  g.input('image', 'f32', image.shape);
  const { features, anchors } = sharedPart(p, image, shape, { training: false });
  const first = { parameters, inputs: new Map([[image, 'image']]) };
  const [objectness = '', shifts = '', map = ''] = writeGraph(g, [anchors.objectness, anchors.shifts, features], first);
  const regions = writeProposals(g, { objectness, shifts }, { shape, R, overlap });
  g.output('regions', regions, 'f32', [R, 4]);
  // The head reads what was written so far.
  const seen = new State('features', features.shape).tensor();
  const rois = new State('regions', [R, 5]).tensor();
  const head = judgeRegions(p, seen, rois, shape);
  const pictures = g.floats(`pictures.${R}`, [R, 1], new Float32Array(R));
  const inputs = new Map([
    [seen, map],
    [rois, g.node('Concat', [pictures, regions], { axis: 1 })],
  ]);
  const maps = 'maps' in head ? [head.maps, head.boxMaps] : [];
  const names = writeGraph(g, [head.logits, head.shifts, ...maps], { parameters, inputs });
  const [logits = '', moved = '', ...written] = names;
  maps.forEach(({ shape: dims }, i) => g.output(['scoreMaps', 'boxMaps'][i] ?? '', written[i] ?? '', 'f32', dims));
  g.output('probabilities', g.node('Softmax', [logits], { axis: 1 }), 'f32', head.logits.shape);
  g.output('boxes', writeBoxes(g, regions, moved, HEAD, S), 'f32', [R, 4]);
}

const columns = (g: OnnxGraph, x: string, from: number, to: number) =>
  g.node('Slice', [x, g.integers([from]), g.integers([to]), g.integers([1])]);

/** anchors [N, 4] moved by shifts [N, 4] of deviations, cut to the picture. */
function writeBoxes(
  g: OnnxGraph,
  anchors: string,
  shifts: string,
  [centre, side]: readonly [number, number],
  S: number,
) {
  const [low, high] = [columns(g, anchors, 0, 2), columns(g, anchors, 2, 4)];
  const extent = g.node('Sub', [high, low]);
  const half = (x: string) => g.node('Mul', [x, g.float(0.5)]);
  const moved = g.node('Mul', [g.node('Mul', [columns(g, shifts, 0, 2), g.float(centre)]), extent]);
  const middle = g.node('Add', [half(g.node('Add', [low, high])), moved]);
  const growth = g.node('Min', [g.node('Mul', [columns(g, shifts, 2, 4), g.float(side)]), g.float(GROWTH)]);
  const reach = half(g.node('Mul', [extent, g.node('Exp', [growth])]));
  const ends = [g.node('Sub', [middle, reach]), g.node('Add', [middle, reach])];
  return g.node('Clip', [g.node('Concat', ends, { axis: 1 }), g.float(0), g.float(S)]);
}

/** Boxes [R, 4] as `proposals` gives them for one picture. */
function writeProposals(
  g: OnnxGraph,
  { objectness, shifts }: { readonly objectness: string; readonly shifts: string },
  { shape, R, overlap }: { readonly shape: DetectorShape; readonly R: number; readonly overlap: number },
): string {
  const flat = anchorBoxes(shape);
  const N = flat.length / 4;
  const before = Math.min(N, Math.max(BEFORE, R));
  const reshape = (x: string, dims: readonly number[]) => g.node('Reshape', [x, g.integers(dims)]);
  const grid = g.floats('anchors', [N, 4], flat);
  const boxes = writeBoxes(g, grid, reshape(shifts, [N, 4]), [1, 1], shape.size);
  const sides = g.node('Sub', [columns(g, boxes, 2, 4), columns(g, boxes, 0, 2)]);
  const side = g.reduce('ReduceMin', sides, [1], false);
  const tooSmall = g.node('Less', [side, g.float(SMALLEST)]);
  const scores = g.node('Where', [tooSmall, g.float(-1e30), reshape(objectness, [N])]);
  const [values = '', places = ''] = g.nodeOutputs('TopK', [scores, g.integers([before])], 2, { axis: 0 });
  const best = g.node('Gather', [boxes, places], { axis: 0 });
  const limits = [g.integers([R]), g.floats('overlap', [1], Float32Array.of(overlap))];
  const least = g.floats('least', [1], Float32Array.of(-5e29));
  const found = g.node('NonMaxSuppression', [
    reshape(best, [1, before, 4]),
    reshape(values, [1, 1, before]),
    ...limits,
    least,
  ]);
  const kept = g.node('Gather', [found, g.integer(2)], { axis: 1 });
  // Places that are not filled read a box of zeros behind all others.
  const none = g.integers(new Array<number>(R).fill(before));
  const whole = g.node('Concat', [kept, none], { axis: 0 });
  const firstR = g.node('Slice', [whole, g.integers([0]), g.integers([R]), g.integers([0])]);
  const withNone = g.node('Concat', [best, g.floats('no box', [1, 4], new Float32Array(4))], { axis: 0 });
  return g.node('Gather', [withNone, firstR], { axis: 0 });
}

/**
 * A run at step 0 with the file's weights, or with those that `takes` names: then the rest of the shape may be another. Throws
 * ModelFileError naming what the file has otherwise than this run.
 */
export function importDetector(bytes: Uint8Array, shape: DetectorShape, takes?: StartingModel['takes']): Snapshot {
  const { initialisers, metadata } = decodeModel(bytes);
  const found = readShape(readProperty(metadata, SHAPE));
  if (!takes) throwUnlessSame(found, shape);
  const parameters = new Map<string, NamedArray>();
  for (const tensor of initialisers)
    if (isParameter(tensor) && tensor.data instanceof Float32Array && (takes?.(tensor.name) ?? true))
      parameters.set(tensor.name, { shape: tensor.shape, data: tensor.data });
  const missing = parametersOf(shape).all.find(
    (p) => (takes?.(p.name) ?? true) && parameters.get(p.name)?.shape.join() !== p.shape.join(),
  );
  if (missing)
    throw new ModelFileError(
      `model file: its weights are not whole ("${missing.name}" is missing or has another shape); export or download it again`,
    );
  return { step: 0, parameters, firstMoment: new Map(), secondMoment: new Map() };
}

function throwUnlessSame(found: Readonly<Record<string, unknown>>, shape: DetectorShape): void {
  const wanted: Readonly<Record<string, unknown>> = { ...shape };
  const names = [...new Set([...Object.keys(wanted), ...Object.keys(found)])].filter((name) => !FREE.includes(name));
  const differing = names.filter((name) => JSON.stringify(found[name]) !== JSON.stringify(wanted[name]));
  if (differing.length > 0) {
    const named = differing.map((name) => `${name} ${String(found[name])} (here ${String(wanted[name])})`);
    throw new ModelFileError(
      `model file: it does not fit this run: ${named.join(', ')}; set these as the file has them, then open it again`,
    );
  }
}

/** The parameters that a network of this shape has. */
function parametersOf(shape: DetectorShape): ParameterSet {
  const { p, set } = namedSource();
  const { features } = sharedPart(p, new State('image', [1, 3, shape.size, shape.size]).tensor(), shape, {
    training: false,
  });
  judgeRegions(p, features, new State('regions', [1, 5]).tensor(), shape);
  return set;
}

function readShape(text: string): Readonly<Record<string, unknown>> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>;
  throw new ModelFileError(`model file: property "${SHAPE}" is not valid; export the model again`);
}
