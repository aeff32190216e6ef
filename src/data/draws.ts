import { philox, streamOf } from '../engine/philox';

/** Random numbers one after the other, the same for the same seed and stream on every machine (Philox). */
export class Draws {
  private readonly key: readonly [number, number];
  private block = 0;
  private left: number[] = [];

  constructor(seed: number, stream: string) {
    this.key = [seed >>> 0, streamOf(stream)];
  }

  /** Uniform in [0, 1). */
  next(): number {
    if (this.left.length === 0) this.left = [...philox([0, this.block++, 0, 0], this.key)].reverse();
    return ((this.left.pop() ?? 0) >>> 8) * 2 ** -24;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** A whole number from 0 to count − 1. */
  whole(count: number): number {
    return Math.min(count - 1, Math.floor(this.next() * count));
  }
}

/** 0 … count − 1 in an order by chance (Fisher–Yates). */
export function shuffledIndices(count: number, draws: Draws): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = draws.whole(i + 1);
    [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
  }
  return order;
}
