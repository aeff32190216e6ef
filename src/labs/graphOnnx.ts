/**
 * A graph of the engine as an ONNX graph, operator by operator: what is trained is what is written. Batches are as the graph has them.
 *
 * Not every op has a form in ONNX: drawing pictures with a z-buffer (splats) has none at all. Points by index want one cloud at a time.
 */
import type { OnnxGraph } from '../models/onnxGraph';
import { topological } from '../engine/autodiff';
import { leafOf } from '../engine/state';
import { sizeOf, type Node, type Tensor } from '../engine/tensor';
import { SPATIAL_WRITERS } from './spatialOnnx';

/** What the leaves of the graph are called: parameters of the model, and inputs of the file. Other leaves are constants. */
export interface LeafNames {
  readonly parameters: ReadonlyMap<Tensor, string>;
  readonly inputs: ReadonlyMap<Tensor, string>;
}

/** One op as ONNX nodes: the node, and names of its inputs → names of its outputs, the first ones at least. */
type Writer = (g: OnnxGraph, node: Node, inputs: readonly string[]) => string | readonly string[];

const attrsOf = (node: Node) => node.attrs as Readonly<Record<string, never>>;
const first = (node: Node): Tensor => {
  const [output] = node.outputs;
  if (!output) throw new Error(`ONNX export: op "${node.op.name}" has no output`);
  return output;
};
const shapeOf = (node: Node, input: number): readonly number[] => node.inputs[input]?.shape ?? [];

const plain =
  (op: string): Writer =>
  (g, _node, inputs) =>
    g.node(op, inputs);

/** Writes `outputs` into the graph: their names. Throws where an op has no form in ONNX, and says which. */
export function writeGraph(g: OnnxGraph, outputs: readonly Tensor[], names: LeafNames): string[] {
  const written = new Map<Tensor, string>();
  let constants = 0;
  for (const node of topological(outputs)) {
    const output = first(node);
    const named = names.inputs.get(output);
    const parameter = names.parameters.get(output);
    if (named !== undefined) written.set(output, named);
    else if (parameter !== undefined) written.set(output, g.parameter(parameter, output.shape));
    else if (leafOf(output)) written.set(output, constantOf(g, output, constants++));
    else {
      const writer = WRITERS[node.op.name];
      if (!writer) throw new Error(`ONNX export: op "${node.op.name}" has no form in ONNX`);
      const inputs = node.inputs.map((input) => {
        const known = written.get(input);
        if (known === undefined)
          throw new Error(
            `ONNX export: "${node.op.name}" takes output ${input.index} of "${input.node.op.name}", which has no form in ONNX`,
          );
        return known;
      });
      const made = writer(g, node, inputs);
      (typeof made === 'string' ? [made] : made).forEach((name, i) => {
        const result = node.outputs[i];
        if (result) written.set(result, name);
      });
    }
  }
  return outputs.map((output) => written.get(output) ?? '');
}

function constantOf(g: OnnxGraph, tensor: Tensor, index: number): string {
  const { state } = leafOf(tensor) ?? {};
  const data = typeof state?.initial === 'function' ? state.initial() : state?.initial;
  if (!data || !(data instanceof Float32Array) || data.length !== sizeOf(tensor.shape))
    throw new Error(
      `ONNX export: the state "${state?.name ?? ''}" is neither a parameter, nor an input, nor a constant`,
    );
  return g.floats(`table.${index}`, tensor.shape, data);
}

const reshape = (g: OnnxGraph, x: string, shape: readonly number[]) => g.node('Reshape', [x, g.integers(shape)]);

/** The last two axes the other way round. */
function turned(g: OnnxGraph, x: string, rank: number): string {
  const perm = Array.from({ length: rank }, (_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i));
  return g.node('Transpose', [x], { perm });
}

/** A weight [kernel..., C, O] as ONNX has it, [O, C, kernel...]. */
function convWeight(g: OnnxGraph, w: string, rank: number): string {
  return g.node('Transpose', [w], { perm: [rank - 1, rank - 2, ...Array.from({ length: rank - 2 }, (_, i) => i)] });
}

const both = (list: readonly number[]) => [...list, ...list];

function requireOne(node: Node, batch: number | undefined): void {
  if (batch !== 1)
    throw new Error(`ONNX export: "${node.op.name}" is written for one cloud at a time; build it for one`);
}

/** source [1, N, D] (or a table [N, D]) by indices [1, ...] (or any). */
const gatherRows: Writer = (g, node, [source = '', indices = '']) => {
  const [of, by] = [shapeOf(node, 0), shapeOf(node, 1)];
  if (of.length === 2) return g.node('Gather', [source, indices], { axis: 0 });
  requireOne(node, of[0]);
  const rows = reshape(g, source, of.slice(1));
  const picked = g.node('Gather', [rows, reshape(g, indices, by.slice(1))], { axis: 0 });
  return reshape(g, picked, first(node).shape);
};

/** Differences that are held at once, at most: 16 MB. */
const MOST_DIFFERENCES = 2 ** 22;

/** Squared distances [B, M, N] of queries [B, M, D] and points [B, N, D], some coordinates at a time, so that they fit into memory. */
function distances(g: OnnxGraph, node: Node, queries: string, points: string): string {
  const [B = 1, M = 1, D = 1] = shapeOf(node, 0);
  const N = shapeOf(node, 1)[1] ?? 1;
  const per = Math.min(D, Math.max(1, Math.floor(MOST_DIFFERENCES / (B * M * N))));
  let sum: string | undefined;
  for (let from = 0; from < D; from += per) {
    const cut = (x: string) =>
      per === D ? x : g.node('Slice', [x, g.integers([from]), g.integers([Math.min(D, from + per)]), g.integers([2])]);
    const difference = g.node('Sub', [
      g.node('Unsqueeze', [cut(queries), g.integers([2])]),
      g.node('Unsqueeze', [cut(points), g.integers([1])]),
    ]);
    const part = g.node('ReduceSum', [g.node('Mul', [difference, difference]), g.integers([3])], { keepdims: 0 });
    sum = sum === undefined ? part : g.node('Add', [sum, part]);
  }
  return sum ?? '';
}

const nearestNeighbours: Writer = (g, node, [queries = '', points = '']) => {
  const { k, skipSelf } = node.attrs as unknown as { k: number; skipSelf: boolean };
  if (skipSelf) throw new Error('ONNX export: neighbours without the point itself have no form here');
  const smallest = { axis: -1, largest: 0, sorted: 1 };
  const [squared = '', indices = ''] = g.nodeOutputs(
    'TopK',
    [distances(g, node, queries, points), g.integers([k])],
    2,
    smallest,
  );
  return [indices, squared];
};

/** Farthest points one after the other: as many rounds as picks. */
const farthestPoints: Writer = (g, node, [points = '']) => {
  const { count, start } = node.attrs as unknown as { count: number; start: number };
  const [B, N = 1] = shapeOf(node, 0);
  requireOne(node, B);
  const rows = reshape(g, points, [N, 3]);
  const picks = [g.integers([start])];
  let near = g.floats(`far.${N}`, [N], new Float32Array(N).fill(1e30));
  for (let i = 1; i < count; i++) {
    const last = g.node('Gather', [rows, picks[i - 1] ?? ''], { axis: 0 }); // [1, 3]
    const away = g.node('Sub', [rows, last]);
    const d = g.node('ReduceSum', [g.node('Mul', [away, away]), g.integers([1])], { keepdims: 0 }); // [N]
    near = g.node('Min', [near, d]);
    picks.push(g.node('ArgMax', [near], { axis: 0, keepdims: 1 }));
  }
  return reshape(g, picks.length === 1 ? (picks[0] ?? '') : g.node('Concat', picks, { axis: 0 }), [1, count]);
};

/** The first K points by index that lie inside; the first one again where there are fewer; the nearest where there is none. */
const ballQuery: Writer = (g, node, [centres = '', points = '']) => {
  const { radius, members: K, closed } = node.attrs as unknown as { radius: number; members: number; closed: boolean };
  const [, N = 1] = shapeOf(node, 1);
  const d = distances(g, node, centres, points); // [1, S, N]
  const inside = g.node(closed ? 'LessOrEqual' : 'Less', [d, g.float(radius * radius)]);
  const numbers = g.floats(
    `range.${N}`,
    [N],
    Float32Array.from({ length: N }, (_, i) => i),
  );
  const keys = g.node('Where', [inside, numbers, g.float(N)]);
  const smallest = { axis: -1, largest: 0, sorted: 1 };
  const taken = Math.min(K, N);
  const [found = ''] = g.nodeOutputs('TopK', [keys, g.integers([taken])], 2, smallest); // [1, S, min(K, N)]
  const one = g.node('Slice', [found, g.integers([0]), g.integers([1]), g.integers([2])]);
  const nearest = g.node('Cast', [g.node('ArgMin', [d], { axis: 2, keepdims: 1 })], { to: 1 });
  const filler = g.node('Where', [g.node('Less', [one, g.float(N)]), one, nearest]); // [1, S, 1]
  const full = g.node('Where', [g.node('Less', [found, g.float(N)]), found, filler]);
  const more = K > N ? [g.node('Expand', [filler, g.integers([...first(node).shape.slice(0, 2), K - N])])] : [];
  const whole = more.length > 0 ? g.node('Concat', [full, ...more], { axis: 2 }) : full;
  return g.node('Cast', [whole], { to: 7 });
};

const interpolate: Writer = (g, node, [features = '', indices = '', weights = '']) => {
  const [B, S = 1, C = 1] = shapeOf(node, 0);
  requireOne(node, B);
  const [, N = 1, K = 1] = shapeOf(node, 1);
  const picked = g.node('Gather', [reshape(g, features, [S, C]), reshape(g, indices, [N, K])], { axis: 0 });
  const weighted = g.node('Mul', [picked, reshape(g, weights, [N, K, 1])]);
  const summed = g.node('ReduceSum', [weighted, g.integers([1])], { keepdims: 0 });
  return reshape(g, summed, [1, N, C]);
};

const WRITERS: Readonly<Record<string, Writer>> = {
  add: plain('Add'),
  sub: plain('Sub'),
  mul: plain('Mul'),
  div: plain('Div'),
  maximum: plain('Max'),
  sqrt: plain('Sqrt'),
  relu: plain('Relu'),
  sigmoid: plain('Sigmoid'),
  stopGradient: plain('Identity'),
  affine: (g, node, [x = '']) => {
    const { scale, shift } = node.attrs as unknown as { scale: number; shift: number };
    const scaled = scale === 1 ? x : g.node('Mul', [x, g.float(scale)]);
    return shift === 0 ? scaled : g.node('Add', [scaled, g.float(shift)]);
  },
  full: (g, node) => {
    const { shape, value } = node.attrs as unknown as { shape: readonly number[]; value: number };
    return g.node('Expand', [g.float(value), g.integers(shape)]);
  },
  broadcast: (g, node, [x = '']) => g.node('Expand', [x, g.integers(first(node).shape)]),
  reshape: (g, node, [x = '']) => reshape(g, x, first(node).shape),
  permute: (g, node, [x = '']) => g.node('Transpose', [x], { perm: attrsOf(node)['axes'] ?? [] }),
  slice: (g, node, [x = '']) => {
    const { start, size } = node.attrs as unknown as Record<'start' | 'size', readonly number[]>;
    const ends = start.map((s, i) => s + (size[i] ?? 0));
    return g.node('Slice', [x, g.integers(start), g.integers(ends), g.integers(start.map((_, i) => i))]);
  },
  concat: (g, node, inputs) => g.node('Concat', inputs, { axis: attrsOf(node)['axis'] ?? 0 }),
  matmul: (g, node, [a = '', b = '']) => {
    const { transposeA, transposeB } = node.attrs as unknown as Record<'transposeA' | 'transposeB', boolean>;
    const left = transposeA ? turned(g, a, shapeOf(node, 0).length) : a;
    return g.node('MatMul', [left, transposeB ? turned(g, b, shapeOf(node, 1).length) : b]);
  },
  // The bias is added by a node of its own.
  linear: (g, _node, [x = '', w = '']) => g.node('MatMul', [x, w]),
  sum: (g, node, [x = '']) => g.node('ReduceSum', [x, g.integers(attrsOf(node)['axes'] ?? [])], { keepdims: 0 }),
  extremum: (g, node, [x = '']) => {
    const { kind, axes } = node.attrs as unknown as { kind: 'max' | 'min'; axes: readonly number[] };
    return g.reduce(kind === 'max' ? 'ReduceMax' : 'ReduceMin', x, axes, false);
  },
  conv: (g, node, [x = '', w = '']) => {
    const { stride, padding, dilation, groups } = node.attrs as unknown as Record<
      'stride' | 'padding' | 'dilation',
      readonly number[]
    > & { groups: number };
    const weight = convWeight(g, w, shapeOf(node, 1).length);
    const settings = { strides: stride, pads: both(padding), dilations: dilation, group: groups };
    return g.node('Conv', [x, weight], settings);
  },
  maxPool: (g, node, [x = '']) => {
    const { kernel, stride, padding } = node.attrs as unknown as Record<
      'kernel' | 'stride' | 'padding',
      readonly number[]
    >;
    return g.node('MaxPool', [x], { kernel_shape: kernel, strides: stride, pads: both(padding) });
  },
  gatherRows,
  nearestNeighbours,
  farthestPoints,
  ballQuery,
  interpolate,
  ...SPATIAL_WRITERS,
};
