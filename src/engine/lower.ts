/** From graph to a list of dispatches over tensors: fusion, kernels of each op, epilogues spliced in. No GPU buffers yet. */
import type { DeviceTraits } from '../gpu/device';
import { shaderText } from '../gpu/shader';
import { Fusion, type Group } from './fusion';
import type { Kernel, Operand } from './op';
import { fullOp } from './ops/pointwise';
import { placements, separated } from './placed';
import { access, canVectorise, chainOf, pointwiseKernel, spliceEpilogue, type ChainBinding } from './pointwiseCode';
import { baseOf, simplify } from './simplify';
import type { Leaf } from './state';
import { sizeOf, type DType, type Node, type Shape, type Tensor } from './tensor';

/** A kernel's buffer as the planner knows it: a tensor's (after looking through views) or a scratch range. */
export class Place implements Operand {
  constructor(
    readonly shape: Shape,
    readonly dtype: DType,
    readonly tensor: Tensor | undefined,
  ) {}

  get size(): number {
    return sizeOf(this.shape);
  }
}

export interface Dispatch {
  readonly label: string;
  readonly shader: string;
  readonly entry: string;
  readonly code: string | undefined;
  readonly constants: Readonly<Record<string, number>>;
  readonly uniform: Readonly<Record<string, number>> | undefined;
  readonly bindings: readonly { readonly name: string; readonly place: Place }[];
  readonly workgroups: readonly [number, number, number];
  readonly flops: number;
  readonly bytes: number;
}

export interface Lowered {
  readonly dispatches: readonly Dispatch[];
  /** Tensors that live in parts of states instead of in slots of the plan. */
  readonly placed: ReadonlyMap<Tensor, Leaf>;
  readonly outputs: ReadonlyMap<string, Tensor>;
}

export function lower(
  outputs: Readonly<Record<string, Tensor>>,
  effects: readonly Node[],
  device: DeviceTraits,
): Lowered {
  const graph = simplify(outputs, effects);
  const lowering = new Lowering(device);
  const pinned = new Set<Tensor>();
  for (const t of graph.outputs.values()) pinned.add(baseOf(t));
  for (const effect of graph.effects) for (const t of effect.inputs) pinned.add(baseOf(t));
  const { placed, fusion, groups } = separated(placements(graph.nodes), graph.nodes, (nodes, placed) => {
    const stored = new Set([...pinned, ...placed.keys()]);
    return new Fusion(nodes, stored, device.maxStorageBuffersPerShaderStage, (n) => lowering.epilogueOf(n));
  });
  const dispatches = groups.flatMap((group) => lowering.group(group, fusion.stores(group)));
  dispatches.push(
    ...graph.effects.flatMap((effect) => lowering.kernelsOf(effect).map((k) => dispatchOf(effect.op.name, k))),
  );
  return { dispatches, placed, outputs: graph.outputs };
}

function dispatchOf(label: string, kernel: Kernel): Dispatch {
  const [x, y = 1, z = 1] = kernel.workgroups;
  return {
    label,
    shader: kernel.shader,
    entry: kernel.entry,
    code: undefined,
    constants: kernel.constants ?? {},
    uniform: kernel.uniform,
    bindings: Object.entries(kernel.bindings).map(([name, operand]) => ({ name, place: placeOf(operand) })),
    workgroups: [x, y, z],
    flops: kernel.flops ?? 0,
    bytes: kernel.bytes ?? Object.values(kernel.bindings).reduce((n, o) => n + o.size * 4, 0),
  };
}

function placeOf(operand: Operand): Place {
  if (operand instanceof Place) return operand;
  throw new Error('kernel: bind the operands and scratch ranges given to kernels(), not copies of them');
}

class Lowering {
  private readonly kernels = new Map<Node, readonly Kernel[]>();

  constructor(private readonly device: DeviceTraits) {}

  kernelsOf(node: Node): readonly Kernel[] {
    const known = this.kernels.get(node);
    if (known) return known;
    if (!node.op.kernels) throw new Error(`op "${node.op.name}" has no kernels`);
    const operand = (t: Tensor) => new Place(t.shape, t.dtype, t.node.op === fullOp.spec ? t : baseOf(t));
    const made = node.op.kernels({
      inputs: node.inputs.map(operand),
      outputs: node.outputs.map(operand),
      attrs: node.attrs as never,
      device: this.device,
      scratch: (shape, dtype = 'f32') => new Place(shape, dtype, undefined),
    });
    this.kernels.set(node, made);
    return made;
  }

  /** The kernel of a node that stores its first output through an epilogue, if one does. */
  epilogueOf(node: Node): { lanes: 1 | 4; bindings: number } | undefined {
    const kernel = this.kernelsOf(node).find((k) => k.epilogue !== undefined);
    return kernel?.epilogue && { lanes: kernel.epilogue, bindings: Object.keys(kernel.bindings).length - 1 };
  }

  group(group: Group, stores: readonly Tensor[]): Dispatch[] {
    const { root, pointwise } = group;
    if (!root) return stores.length > 0 ? [this.pointwise(group, stores)] : [];
    return this.kernelsOf(root).map((kernel) => {
      const plain = dispatchOf(root.op.name, kernel);
      return kernel.epilogue && pointwise.length > 0
        ? this.withChain(plain, group, root, stores, kernel.epilogue)
        : plain;
    });
  }

  private withChain(plain: Dispatch, group: Group, root: Node, stores: readonly Tensor[], lanes: 1 | 4): Dispatch {
    const [first] = root.outputs;
    const chain = chainOf(group.pointwise, first, stores, lanes);
    return {
      ...plain,
      label: [root.op.name, ...group.pointwise.map((n) => n.op.name)].join('+'),
      code: spliceEpilogue(plain.shader, shaderText(plain.shader), chain, lanes),
      bindings: [...plain.bindings.filter((b) => b.place.tensor !== first), ...chain.bindings.map(bound)],
      flops: plain.flops + group.size * group.pointwise.length,
    };
  }

  private pointwise(group: Group, stores: readonly Tensor[]): Dispatch {
    const lanes = this.lanesOf(group);
    const chain = chainOf(group.pointwise, undefined, stores, lanes);
    const count = group.size / lanes;
    const width = Math.min(count, 64 * 65535);
    const [x, y] = [Math.ceil(width / 64), Math.ceil(count / width)];
    return {
      label: group.pointwise.map((n) => n.op.name).join('+'),
      shader: 'pointwise',
      entry: 'main',
      code: pointwiseKernel(chain, lanes),
      constants: {},
      uniform: { count, width: x * 64 },
      bindings: chain.bindings.map(bound),
      workgroups: [x, y, 1],
      flops: group.size * group.pointwise.length,
      bytes: chain.bindings.reduce((n, b) => n + sizeOf(b.tensor.shape) * 4, 0),
    };
  }

  private lanesOf(group: Group): 1 | 4 {
    const members = new Set(group.pointwise);
    const fits = group.pointwise.every((node) => {
      const [output] = node.outputs;
      return (
        output !== undefined &&
        node.inputs.every((t) => members.has(baseOf(t).node) || canVectorise(access(output.shape, t.shape), group.size))
      );
    });
    return fits && group.size % 4 === 0 ? 4 : 1;
  }
}

function bound({ name, tensor }: ChainBinding) {
  return { name, place: new Place(tensor.shape, tensor.dtype, tensor) };
}
