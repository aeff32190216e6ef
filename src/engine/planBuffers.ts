import type { Lowered, Place } from './lower';
import { planMemory } from './memoryPlan';
import { paddedBytes, type Runtime } from './runtime';
import { baseOf } from './simplify';
import { leafOf, type Leaf, type State } from './state';
import type { Tensor } from './tensor';

export interface BufferRange {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly size: number;
}

interface Alive {
  readonly bytes: number;
  first: number;
  last: number;
}

/** Buffers of a plan: slots for what it computes, states for what lasts. */
export class PlanBuffers {
  private readonly slots: GPUBuffer[];
  private readonly slotOf = new Map<Tensor | Place, number>();
  private readonly states = new Set<State>();
  readonly peakBytes: number;
  readonly liveBytes: number;

  constructor(
    private readonly runtime: Runtime,
    private readonly lowered: Lowered,
    poison: boolean,
  ) {
    const keys = new Map<Tensor | Place, Alive>();
    lowered.dispatches.forEach((dispatch, k) => {
      for (const { place } of dispatch.bindings) {
        const state = this.stateOf(place);
        if (state) this.hold(state.state);
        else this.extend(keys, place, k);
      }
    });
    const end = lowered.dispatches.length;
    for (const output of lowered.outputs.values()) {
      const base = baseOf(output);
      const alive = keys.get(base);
      if (alive) Object.assign(alive, { first: 0, last: end });
      else this.holdOutput(output, base);
    }
    const plan = planMemory([...keys.values()]);
    [...keys.keys()].forEach((key, i) => this.slotOf.set(key, plan.slotOf[i] ?? 0));
    this.slots = plan.slotBytes.map((bytes, i) => runtime.allocate(`slot ${i}`, bytes));
    this.peakBytes = plan.peakBytes;
    this.liveBytes = plan.liveBytes;
    if (poison)
      for (const slot of this.slots) runtime.gpu.device.queue.writeBuffer(slot, 0, new Uint8Array(slot.size).fill(255));
  }

  private extend(keys: Map<Tensor | Place, Alive>, place: Place, k: number): void {
    const key = place.tensor ?? place;
    const alive = keys.get(key);
    if (alive) alive.last = k;
    else keys.set(key, { bytes: paddedBytes(place.size), first: k, last: k });
  }

  private hold(state: State): void {
    if (this.states.has(state)) return;
    this.states.add(state);
    this.runtime.use(state);
  }

  private holdOutput(output: Tensor, base: Tensor): void {
    const leaf = leafOf(base) ?? this.lowered.placed.get(base);
    if (!leaf) throw new Error(`plan: output of "${output.node.op.name}" is never computed; is it a constant fill?`);
    this.hold(leaf.state);
  }

  private stateOf(place: Place): Leaf | undefined {
    return place.tensor && (leafOf(place.tensor) ?? this.lowered.placed.get(place.tensor));
  }

  rangeOf(place: Place): BufferRange {
    const leaf = this.stateOf(place);
    const size = Math.max(16, Math.ceil((place.size * 4) / 16) * 16);
    if (leaf) return { buffer: this.runtime.bufferOf(leaf.state), offset: leaf.offset * 4, size };
    const slot = this.slots[this.slotOf.get(place.tensor ?? place) ?? -1];
    if (!slot) throw new Error('plan: a binding has no place');
    return { buffer: slot, offset: 0, size };
  }

  dispose(): void {
    for (const slot of this.slots) this.runtime.free(slot);
    for (const state of this.states) this.runtime.unuse(state);
  }
}
