/** What a graph would ask of a device, before anything is made there. */
import type { DeviceTraits } from '../gpu/device';
import { lower } from './lower';
import { paddedBytes, Placement } from './placement';
import type { Node, Tensor } from './tensor';

export interface Estimate {
  readonly dispatches: number;
  readonly flops: number;
  /** Bytes of all slots and states. */
  readonly bytes: number;
  /** Bytes of the largest single buffer. */
  readonly largestBuffer: number;
}

/** Lowers and places a graph without a device. */
export function estimate(
  graph: { readonly outputs?: Readonly<Record<string, Tensor>>; readonly effects?: readonly Node[] },
  traits: DeviceTraits,
): Estimate {
  const lowered = lower(graph.outputs ?? {}, graph.effects ?? [], traits);
  const { memory, states } = new Placement(lowered);
  const stateBytes = [...states].map((s) => paddedBytes(s.size));
  return {
    dispatches: lowered.dispatches.length,
    flops: lowered.dispatches.reduce((sum, d) => sum + d.flops, 0),
    bytes: memory.peakBytes + stateBytes.reduce((a, b) => a + b, 0),
    largestBuffer: Math.max(0, ...memory.slotBytes, ...stateBytes),
  };
}
