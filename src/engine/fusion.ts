/**
 * Which nodes run in one dispatch. A group is a chain of pointwise nodes over the same number of elements, possibly behind the
 * output of a heavier node whose kernel stores through an epilogue (matmul, convolution, layer norm's gradient).
 */
import { access, canVectorise } from './pointwiseCode';
import { baseOf } from './simplify';
import { fullOp } from './ops/pointwise';
import { leafOf } from './state';
import { sizeOf, type Node, type Tensor } from './tensor';

/** Longer chains overflow the WGSL compilers' recursion on nested expressions and gain nothing. */
const LONGEST_CHAIN = 24;

export interface Group {
  /** The node with kernels of its own, if there is one. */
  readonly root: Node | undefined;
  /** How many elements the root's epilogue stores at once; undefined when it has none. */
  readonly lanes: 1 | 4 | undefined;
  readonly pointwise: Node[];
  readonly size: number;
}

/** Tensors that a node waits for, seen through views (a view waits for all that it names). */
function sources(node: Node): Tensor[] {
  return node.inputs.flatMap((t) => (t.node.op.view ? sources(t.node) : [t]));
}

export class Fusion {
  private readonly groupOf = new Map<Node, Group>();
  private readonly merged = new Map<Group, Group>();

  constructor(
    private readonly nodes: readonly Node[],
    private readonly pinned: ReadonlySet<Tensor>,
    private readonly maxBindings: number,
    private readonly epilogueOf: (node: Node) => { lanes: 1 | 4; bindings: number } | undefined,
  ) {}

  /** Groups in an order in which each comes after what it reads. */
  run(): Group[] {
    for (const node of this.nodes) {
      if (leafOf({ node, index: 0, shape: [], dtype: 'f32' }) || node.op.view) continue;
      if (node.op.pointwise) this.place(node);
      else this.groupOf.set(node, this.rootGroup(node));
    }
    this.splitWide();
    return this.ordered();
  }

  private rootGroup(node: Node): Group {
    const [output] = node.outputs;
    return { root: node, lanes: this.epilogueOf(node)?.lanes, pointwise: [], size: output ? sizeOf(output.shape) : 0 };
  }

  private group(node: Node): Group | undefined {
    let group = this.groupOf.get(node);
    for (let next = group && this.merged.get(group); next; next = this.merged.get(next)) group = next;
    return group;
  }

  private place(node: Node): void {
    const [output] = node.outputs;
    const size = output ? sizeOf(output.shape) : 0;
    const candidates = [...new Set(node.inputs.map((t) => this.joinable(node, t, size)))]
      .filter((g) => g !== undefined)
      .sort((a, b) => idOf(b) - idOf(a));
    const home = candidates.find((group) => this.mayJoin(node, group));
    if (!home) {
      this.groupOf.set(node, { root: undefined, lanes: undefined, pointwise: [node], size });
      return;
    }
    for (const other of candidates) if (other !== home) this.tryMerge(node, other, home);
    home.pointwise.push(node);
    this.groupOf.set(node, home);
  }

  /** The group behind an operand, if the node could live in it. */
  private joinable(node: Node, operand: Tensor, size: number): Group | undefined {
    const base = baseOf(operand);
    if (sizeOf(base.shape) !== size || base.node.op === fullOp.spec) return undefined;
    const group = this.group(base.node);
    if (!group || group.size !== size) return undefined;
    // Behind a heavy node only its first output passes through the epilogue.
    if (group.root && (!group.lanes || (group.root === base.node && base.index !== 0))) return undefined;
    if (group.pointwise.length >= LONGEST_CHAIN) return undefined;
    return group.lanes === 4 && !this.vectorises(node, group) ? undefined : group;
  }

  private vectorises(node: Node, group: Group): boolean {
    const [output] = node.outputs;
    return (
      output !== undefined &&
      node.inputs.every((t) => {
        const inside = this.group(baseOf(t).node) === group && sizeOf(t.shape) === group.size;
        return inside || canVectorise(access(output.shape, t.shape), group.size);
      })
    );
  }

  private mayJoin(node: Node, group: Group): boolean {
    return sources(node).every((t) => {
      const other = this.group(t.node);
      return !other || other === group || !this.reaches(other, group);
    });
  }

  /** Whether `from` waits, directly or through others, for `target`. */
  private reaches(from: Group, target: Group): boolean {
    const seen = new Set<Group>();
    const stack = [from];
    for (let group = stack.pop(); group; group = stack.pop()) {
      if (group === target) return true;
      if (seen.has(group)) continue;
      seen.add(group);
      stack.push(...this.waitsFor(group));
    }
    return false;
  }

  private waitsFor(group: Group): Set<Group> {
    const members = group.root ? [group.root, ...group.pointwise] : group.pointwise;
    const found = new Set<Group>();
    for (const member of members) {
      for (const t of sources(member)) {
        const other = this.group(t.node);
        if (other && other !== group) found.add(other);
      }
    }
    return found;
  }

  /** Takes a pointwise group into another where neither waits for the other. */
  private tryMerge(node: Node, other: Group, home: Group): void {
    if (other.root || other.pointwise.length + home.pointwise.length >= LONGEST_CHAIN) return;
    if (this.reaches(other, home) || this.reaches(home, other) || !this.mayJoin(node, home)) return;
    if (home.lanes === 4 && !other.pointwise.every((member) => this.vectorises(member, other))) return;
    home.pointwise.push(...other.pointwise);
    home.pointwise.sort((a, b) => a.id - b.id);
    this.merged.set(other, home);
  }

  /** Gives back the last nodes of groups that would bind more buffers than the device allows. */
  private splitWide(): void {
    const queue = [...new Set(this.nodes.map((n) => this.group(n)).filter((g) => g !== undefined))];
    for (const group of queue) {
      let tail: Group | undefined;
      while (group.pointwise.length > (group.root ? 0 : 1) && this.bindings(group) > this.maxBindings) {
        const last = group.pointwise.pop();
        if (!last) break;
        tail ??= { root: undefined, lanes: undefined, pointwise: [], size: group.size };
        tail.pointwise.unshift(last);
        this.groupOf.set(last, tail);
      }
      if (tail) queue.push(tail);
    }
  }

  private bindings(group: Group): number {
    const root = group.root ? (this.epilogueOf(group.root)?.bindings ?? 0) : 0;
    const loads = new Set<Tensor>();
    for (const member of group.pointwise) {
      for (const t of member.inputs) {
        const base = baseOf(t);
        if (base.node.op !== fullOp.spec && this.group(base.node) !== group) loads.add(base);
      }
    }
    return root + loads.size + this.stores(group).length;
  }

  /** Values of a group that something outside it reads. */
  stores(group: Group): Tensor[] {
    const users = this.users();
    const first = group.root?.outputs[0];
    const values = [...(first ? [first] : []), ...group.pointwise.flatMap((n) => n.outputs)];
    return values.filter((t) => this.pinned.has(t) || (users.get(t) ?? []).some((n) => this.group(n) !== group));
  }

  private userMap: Map<Tensor, Node[]> | undefined;

  private users(): Map<Tensor, Node[]> {
    if (this.userMap) return this.userMap;
    const map = new Map<Tensor, Node[]>();
    for (const node of this.nodes) {
      if (node.op.view) continue;
      for (const t of sources(node)) {
        // A fill is written into each chain as a literal.
        if (node.op.pointwise && t.node.op === fullOp.spec) continue;
        map.set(t, [...(map.get(t) ?? []), node]);
      }
    }
    this.userMap = map;
    return map;
  }

  private ordered(): Group[] {
    const groups = [...new Set(this.nodes.map((n) => this.group(n)).filter((g) => g !== undefined))].sort(
      (a, b) => idOf(a) - idOf(b),
    );
    const done = new Set<Group>();
    const order: Group[] = [];
    const visit = (start: Group) => {
      const stack: { group: Group; deps: Group[] }[] = [{ group: start, deps: [...this.waitsFor(start)] }];
      for (let top = stack.at(-1); top; top = stack.at(-1)) {
        const next = top.deps.pop();
        if (next === undefined) {
          stack.pop();
          if (!done.has(top.group)) {
            done.add(top.group);
            order.push(top.group);
          }
        } else if (!done.has(next)) stack.push({ group: next, deps: [...this.waitsFor(next)] });
      }
    };
    for (const group of groups) visit(group);
    return order;
  }
}

function idOf(group: Group): number {
  return group.root?.id ?? group.pointwise[0]?.id ?? 0;
}
