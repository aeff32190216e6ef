/** Pieces of states that their own kernels write, such as the gradients in their flat buffer. */
import type { Fusion, Group } from './fusion';
import { affineOp } from './ops/pointwise';
import { placeOp } from './ops/reshape';
import { baseOf } from './simplify';
import { leafOf, type Leaf } from './state';
import { makeNode, type Node, type Tensor } from './tensor';

type Placed = ReadonlyMap<Tensor, Leaf>;

/** Which tensors are pieces of a `place`, and where in its state they lie. */
export function placements(nodes: readonly Node[]): Placed {
  const placed = new Map<Tensor, Leaf>();
  for (const node of nodes) {
    if (node.op !== placeOp.spec) continue;
    const [target, ...pieces] = node.inputs;
    const leaf = target && leafOf(baseOf(target));
    if (!leaf) throw new Error('place: the target is not a state');
    const { offsets } = node.attrs as unknown as { offsets: readonly number[] };
    pieces.forEach((piece, i) => {
      placed.set(baseOf(piece), { state: leaf.state, offset: leaf.offset + (offsets[i] ?? 0), shape: piece.shape });
    });
  }
  return placed;
}

/**
 * Groups in which no dispatch reads one piece of a state while it writes another: WebGPU takes a whole buffer to be either read or
 * written in a dispatch. A piece that is read so stays a tensor of its own, and a copy of it is placed. Throws where a dispatch that
 * writes a piece reads the state itself.
 */
export function separated(
  placed: Placed,
  nodes: readonly Node[],
  fuse: (nodes: readonly Node[], placed: Placed) => Fusion,
): { placed: Placed; fusion: Fusion; groups: readonly Group[] } {
  const fusion = fuse(nodes, placed);
  const groups = fusion.run();
  const clashing = new Set(groups.flatMap((group) => readWhileWriting(fusion, group, placed)));
  if (clashing.size === 0) return { placed, fusion, groups };
  const moved = new Map(placed);
  const copies = [...clashing].map((piece) => {
    const leaf = placed.get(piece);
    const copy = makeNode(affineOp.spec, [piece], { scale: 1, shift: 0 });
    const [output] = copy.outputs;
    if (!leaf || !output) throw new Error('place: a piece has no copy');
    moved.delete(piece);
    moved.set(output, leaf);
    return copy;
  });
  // A copy may join a chain that writes what others read: looked at anew, until nothing clashes. Copies are read by nobody.
  return separated(moved, [...nodes, ...copies], fuse);
}

/** Pieces that a group reads from a state into which it writes another piece. */
function readWhileWriting(fusion: Fusion, group: Group, placed: Placed): Tensor[] {
  const written = new Set(
    [...(group.root?.outputs ?? []), ...fusion.stores(group)].flatMap((t) => placed.get(t)?.state ?? []),
  );
  if (written.size === 0) return [];
  const members = new Set([...(group.root ? [group.root] : []), ...group.pointwise]);
  const read = [...members].flatMap((node) => node.inputs.map(baseOf)).filter((t) => !members.has(t.node));
  for (const t of read) {
    const state = leafOf(t)?.state;
    if (state && written.has(state)) {
      throw new Error(
        `place: "${t.node.op.name}" of state "${state.name}" is read by a kernel that writes into it; read another state`,
      );
    }
  }
  return read.filter((t) => {
    const state = placed.get(t)?.state;
    return state !== undefined && written.has(state);
  });
}
