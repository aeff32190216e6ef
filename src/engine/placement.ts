/** Where every tensor of a lowered graph lives: in a state, or in a slot. Touches no device. */
import type { Lowered, Place } from './lower';
import { planMemory, type MemoryPlan } from './memoryPlan';
import { baseOf } from './simplify';
import { leafOf, type Leaf, type State } from './state';
import type { Tensor } from './tensor';

/** Bytes of a buffer range, rounded to WebGPU's binding alignment. */
export function paddedBytes(elements: number): number {
  return Math.max(256, Math.ceil((elements * 4) / 256) * 256);
}

interface Alive {
  readonly bytes: number;
  first: number;
  last: number;
}

export class Placement {
  readonly states = new Set<State>();
  readonly memory: MemoryPlan;
  private readonly slots = new Map<Tensor | Place, number>();

  constructor(private readonly lowered: Lowered) {
    const keys = new Map<Tensor | Place, Alive>();
    lowered.dispatches.forEach((dispatch, k) => {
      for (const { place } of dispatch.bindings) {
        const state = this.leafOf(place);
        if (state) this.states.add(state.state);
        else extend(keys, place, k);
      }
    });
    const end = lowered.dispatches.length;
    for (const output of lowered.outputs.values()) {
      const base = baseOf(output);
      const alive = keys.get(base);
      if (alive) Object.assign(alive, { first: 0, last: end });
      else this.holdOutput(output, base);
    }
    this.memory = planMemory([...keys.values()]);
    [...keys.keys()].forEach((key, i) => this.slots.set(key, this.memory.slotOf[i] ?? 0));
  }

  private holdOutput(output: Tensor, base: Tensor): void {
    const leaf = leafOf(base) ?? this.lowered.placed.get(base);
    if (!leaf) throw new Error(`plan: output of "${output.node.op.name}" is never computed; is it a constant fill?`);
    this.states.add(leaf.state);
  }

  /** The part of a state that a place is, if it is one. */
  leafOf(place: Place): Leaf | undefined {
    return place.tensor && (leafOf(place.tensor) ?? this.lowered.placed.get(place.tensor));
  }

  /** Number of the slot that a place lives in; −1 for none. */
  slotOf(place: Place): number {
    return this.slots.get(place.tensor ?? place) ?? -1;
  }
}

function extend(keys: Map<Tensor | Place, Alive>, place: Place, k: number): void {
  const key = place.tensor ?? place;
  const alive = keys.get(key);
  if (alive) alive.last = k;
  else keys.set(key, { bytes: paddedBytes(place.size), first: k, last: k });
}
