/** Where tensors live: slots of one buffer each, shared by tensors whose lifetimes do not meet. */

export interface Lifetime {
  readonly bytes: number;
  /** Index of the dispatch that writes it, and of the last that touches it (inclusive). */
  readonly first: number;
  readonly last: number;
}

export interface MemoryPlan {
  /** Slot of each lifetime, in the order given. */
  readonly slotOf: readonly number[];
  readonly slotBytes: readonly number[];
  /** Sum of slots, and the most bytes that are alive at one time: what no plan can undercut. */
  readonly peakBytes: number;
  readonly liveBytes: number;
}

/**
 * Greedy best fit: the largest tensors choose first; each takes the tightest slot in which no other lives at the time. Large ones
 * first means that no slot has to grow.
 */
export function planMemory(lifetimes: readonly Lifetime[]): MemoryPlan {
  const slots: { bytes: number; taken: Lifetime[] }[] = [];
  const slotOf: number[] = new Array<number>(lifetimes.length).fill(0);
  const order = lifetimes.map((l, i) => ({ l, i })).sort((a, b) => b.l.bytes - a.l.bytes || a.l.first - b.l.first);
  for (const { l, i } of order) {
    let best = -1;
    slots.forEach((slot, k) => {
      const free = slot.taken.every((t) => t.last < l.first || l.last < t.first);
      if (free && (best < 0 || slot.bytes < (slots[best]?.bytes ?? Infinity))) best = k;
    });
    if (best < 0) best = slots.push({ bytes: l.bytes, taken: [] }) - 1;
    slots[best]?.taken.push(l);
    slotOf[i] = best;
  }
  const slotBytes = slots.map((s) => s.bytes);
  return { slotOf, slotBytes, peakBytes: slotBytes.reduce((a, b) => a + b, 0), liveBytes: mostAlive(lifetimes) };
}

function mostAlive(lifetimes: readonly Lifetime[]): number {
  const changes = new Map<number, number>();
  for (const { bytes, first, last } of lifetimes) {
    changes.set(first, (changes.get(first) ?? 0) + bytes);
    changes.set(last + 1, (changes.get(last + 1) ?? 0) - bytes);
  }
  let alive = 0;
  let most = 0;
  for (const [, change] of [...changes].sort((a, b) => a[0] - b[0])) {
    alive += change;
    most = Math.max(most, alive);
  }
  return most;
}
