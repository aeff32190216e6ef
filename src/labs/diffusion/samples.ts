/** Clean samples on the host, whatever the data are: points as they stand, pixels in −1…1. */
import { philoxNormals } from '../../engine/philox';
import type { DiffusionData } from './data/data';

export interface HostSamples {
  /** [count, …sample] */
  readonly values: Float32Array;
  readonly count: number;
  /** Numbers of one sample. */
  readonly width: number;
  /** Classes, for pictures that have them. */
  readonly labels?: Uint8Array;
}

/** `count` samples of a split from number `first` on, fewer where it ends. */
export function hostSamples(data: DiffusionData, which: 'train' | 'test', count: number, first = 0): HostSamples {
  if (data.kind === 'plane') {
    const values = data[which].slice(2 * first, 2 * (first + count));
    return { values, count: values.length / 2, width: 2 };
  }
  const { set } = data;
  const width = set.channels * set.size ** 2;
  const split = set[which];
  const bytes = split.pixels.subarray(first * width, Math.min(split.count, first + count) * width);
  return {
    values: Float32Array.from(bytes, (b) => b / 127.5 - 1),
    count: bytes.length / width,
    width,
    ...(set.classes.length > 1 && { labels: split.labels.subarray(first, first + bytes.length / width) }),
  };
}

/** x̄ = x₀ + σ ε with ε a function of the seed, one σ for each sample. */
export function noisedBy({ values, width }: HostSamples, sigmas: ArrayLike<number>, seed: number): Float32Array {
  const noise = philoxNormals(values.length, seed, 'look noise');
  return values.map((x, i) => x + (sigmas[Math.floor(i / width)] ?? 0) * (noise[i] ?? 0));
}

/** −1…1 as brightness 0…1. */
export function brightness(values: Float32Array): Float32Array {
  return values.map((x) => Math.min(1, Math.max(0, (x + 1) / 2)));
}
