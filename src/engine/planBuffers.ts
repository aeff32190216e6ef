import type { Lowered, Place } from './lower';
import { Placement } from './placement';
import type { Runtime } from './runtime';

export interface BufferRange {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly size: number;
}

/** Buffers of a plan: slots for what it computes, states for what lasts. */
export class PlanBuffers {
  private readonly slots: GPUBuffer[];
  private readonly placement: Placement;

  constructor(
    private readonly runtime: Runtime,
    lowered: Lowered,
    poison: boolean,
  ) {
    this.placement = new Placement(lowered);
    for (const state of this.placement.states) runtime.use(state);
    this.slots = this.placement.memory.slotBytes.map((bytes, i) => runtime.allocate(`slot ${i}`, bytes));
    if (poison)
      for (const slot of this.slots) runtime.gpu.device.queue.writeBuffer(slot, 0, new Uint8Array(slot.size).fill(255));
  }

  /** Sum of the slots, and the most bytes alive at one time. */
  get peakBytes(): number {
    return this.placement.memory.peakBytes;
  }
  get liveBytes(): number {
    return this.placement.memory.liveBytes;
  }

  rangeOf(place: Place): BufferRange {
    const leaf = this.placement.leafOf(place);
    const size = Math.max(16, Math.ceil((place.size * 4) / 16) * 16);
    if (leaf) return { buffer: this.runtime.bufferOf(leaf.state), offset: leaf.offset * 4, size };
    const slot = this.slots[this.placement.slotOf(place)];
    if (!slot) throw new Error('plan: a binding has no place');
    return { buffer: slot, offset: 0, size };
  }

  dispose(): void {
    for (const slot of this.slots) this.runtime.free(slot);
    for (const state of this.placement.states) this.runtime.unuse(state);
  }
}
