import type { Cloud } from '../../../data/cloud';
import { cloudOf, type ShapeSplit } from '../../../data/shapeSet';

/** Some of a cloud's points, in the order of `indices`. */
export function chosenPoints({ points, normals, parts }: Cloud, indices: readonly number[]): Cloud {
  const three = (from: Float32Array) =>
    Float32Array.from(
      { length: 3 * indices.length },
      (_, i) => from[3 * (indices[Math.floor(i / 3)] ?? 0) + (i % 3)] ?? 0,
    );
  return { points: three(points), normals: three(normals), parts: Uint8Array.from(indices, (i) => parts[i] ?? 0) };
}

/** The shapes of a split, the first `points` points of each. */
export function cutClouds(split: ShapeSplit, points: number): { readonly cloud: Cloud; readonly category: number }[] {
  const first = Array.from({ length: points }, (_, i) => i);
  return Array.from({ length: split.count }, (_, shape) => ({
    cloud: chosenPoints(cloudOf(split, shape), first),
    category: split.labels[shape] ?? 0,
  }));
}

/** Pieces of at most `size`. */
export function batches<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
