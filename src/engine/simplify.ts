import { topological } from './autodiff';
import { placeOp } from './ops/reshape';
import { affineOp, fullOp } from './ops/pointwise';
import { leafOf, leafOp } from './state';
import { makeNode, type Node, type Tensor } from './tensor';

export interface SimplifiedGraph {
  /** All nodes that are needed, inputs before users; effects not among them. */
  readonly nodes: readonly Node[];
  readonly effects: readonly Node[];
  readonly outputs: ReadonlyMap<string, Tensor>;
}

/** The buffer that a tensor stands for: views look through to what they view. */
export function baseOf(tensor: Tensor): Tensor {
  let base = tensor;
  while (base.node.op.view) {
    const [viewed] = base.node.inputs;
    if (!viewed) break;
    base = viewed;
  }
  return base;
}

/**
 * Drops what no output and no effect needs, and computes repeated nodes (same op, inputs and attrs) once. Two applications of
 * a random op with the same stream are the same node; states are told apart by identity.
 */
export function simplify(outputs: Readonly<Record<string, Tensor>>, effects: readonly Node[]): SimplifiedGraph {
  const wanted = [...Object.values(outputs), ...effects.flatMap((effect) => effect.inputs)];
  const replaced = new Map<Tensor, Tensor>();
  const known = new Map<string, Node>();
  const nodes: Node[] = [];
  const current = (t: Tensor) => replaced.get(t) ?? t;
  const placed = new Set<Tensor>();

  for (const node of topological(wanted).sort((a, b) => a.id - b.id)) {
    let inputs = node.inputs.map(current);
    if (node.op === placeOp.spec) inputs = inputs.map((t, i) => (i === 0 ? t : placeable(t, placed, nodes)));
    const key = node.op === leafOp.spec ? `leaf ${node.id}` : keyOf(node, inputs);
    const same = known.get(key);
    if (same) {
      node.outputs.forEach((t, i) => replaced.set(t, same.outputs[i] ?? t));
      continue;
    }
    const kept = inputs.every((t, i) => t === node.inputs[i]) ? node : makeNode(node.op, inputs, node.attrs as never);
    known.set(key, kept);
    nodes.push(kept);
    if (kept !== node) node.outputs.forEach((t, i) => replaced.set(t, kept.outputs[i] ?? t));
  }
  return {
    nodes,
    effects: effects.map((e) => makeNode(e.op, e.inputs.map(current), e.attrs as never)),
    outputs: new Map(Object.entries(outputs).map(([name, t]) => [name, current(t)])),
  };
}

function keyOf(node: Node, inputs: readonly Tensor[]): string {
  return `${node.op.name}|${inputs.map((t) => `${t.node.id}.${t.index}`).join(',')}|${JSON.stringify(node.attrs)}`;
}

/** A piece of a `place` that its own kernel can write there: what is a state, a constant or placed already gets a copy. */
function placeable(piece: Tensor, placed: Set<Tensor>, nodes: Node[]): Tensor {
  const base = baseOf(piece);
  if (!leafOf(base) && base.node.op !== fullOp.spec && !placed.has(base)) {
    placed.add(base);
    return piece;
  }
  const copy = makeNode(affineOp.spec, [piece], { scale: 1, shift: 0 });
  nodes.push(copy);
  const [output] = copy.outputs;
  if (!output) throw new Error('place: the copy has no output');
  placed.add(output);
  return output;
}
