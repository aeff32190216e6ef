/** What the host gives the device before steps run, such as pictures composed as they are asked for. A function of the step alone. */
export interface HostFeed {
  /** Steps that can be given at once. */
  readonly capacity: number;
  /** Writes what steps [step, step + count) read; count is `capacity` at most. */
  write(step: number, count: number): void;
  /** Prepares what `write` will be asked for, while the device is busy. */
  prepare(step: number, count: number): void;
}

/** The feed of a run that goes on at step `from`, for a part of it that counts its own steps from 0. */
export function feedFrom(feed: HostFeed, from: number): HostFeed {
  return {
    capacity: feed.capacity,
    write: (step, count) => feed.write(from + step, count),
    prepare: (step, count) => feed.prepare(from + step, count),
  };
}
