import { add, full } from './ops/pointwise';
import { showShape, sizeOf, type Node, type Tensor } from './tensor';

/** Nodes that `outputs` depend on, inputs before users. */
export function topological(outputs: readonly Tensor[]): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  // An explicit stack: graphs of thousands of nodes would overflow a recursive walk.
  const stack: { node: Node; next: number }[] = [];
  const push = (node: Node) => {
    if (seen.has(node)) return;
    seen.add(node);
    stack.push({ node, next: 0 });
  };
  for (const output of outputs) {
    push(output.node);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const input = top.node.inputs[top.next++];
      if (input) push(input.node);
      else {
        stack.pop();
        order.push(top.node);
      }
    }
  }
  return order;
}

/**
 * Reverse-mode differentiation as more graph: the gradient of Σᵢ⟨outputsᵢ, cotangentsᵢ⟩ by each of `wrt`; undefined where it does not
 * depend on it. Throws when an op on the way has no gradient.
 */
export function vjp(
  outputs: readonly Tensor[],
  cotangents: readonly Tensor[],
  wrt: readonly Tensor[],
): (Tensor | undefined)[] {
  const order = topological(outputs);
  const relevant = nodesBetween(order, wrt);
  const gradients = new Map<Tensor, Tensor>();
  const accumulate = (tensor: Tensor, gradient: Tensor) => {
    const sofar = gradients.get(tensor);
    gradients.set(tensor, sofar ? add(sofar, gradient) : gradient);
  };
  outputs.forEach((output, i) => {
    const cotangent = cotangents[i];
    if (cotangent) accumulate(output, cotangent);
  });
  for (const node of order.reverse()) {
    if (!relevant.has(node) || node.inputs.length === 0) continue;
    const incoming = node.outputs.map((output) => gradients.get(output));
    if (incoming.every((g) => g === undefined)) continue;
    const needs = node.inputs.map((input) => wrt.includes(input) || relevant.has(input.node));
    if (!needs.includes(true)) continue;
    if (!node.op.vjp)
      throw new Error(`gradient: op "${node.op.name}" has no gradient; keep it off the way from parameters to loss`);
    const made = node.op.vjp({
      inputs: node.inputs,
      outputs: node.outputs,
      attrs: node.attrs as never,
      cotangents: incoming,
      needs,
    });
    node.inputs.forEach((input, i) => {
      const gradient = made[i];
      if (gradient && needs[i]) accumulate(input, gradient);
    });
  }
  return wrt.map((tensor) => gradients.get(tensor));
}

/** Nodes that depend on one of `wrt` (a wrt tensor's own node counts when it is computed). */
function nodesBetween(order: readonly Node[], wrt: readonly Tensor[]): Set<Node> {
  const targets = new Set(wrt);
  const relevant = new Set<Node>();
  for (const node of order) {
    const depends = node.inputs.some((input) => targets.has(input) || relevant.has(input.node));
    if (depends) relevant.add(node);
  }
  return relevant;
}

/** Gradients of a scalar loss. Throws when the loss is not one number. */
export function gradients(loss: Tensor, wrt: readonly Tensor[]): (Tensor | undefined)[] {
  if (sizeOf(loss.shape) !== 1)
    throw new Error(`gradients: the loss has shape ${showShape(loss.shape)}; reduce it to one number`);
  return vjp([loss], [full(loss.shape, 1)], wrt);
}
