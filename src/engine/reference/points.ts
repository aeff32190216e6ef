/** Clouds of a set and their distortion, as plain loops on the host: what pointBatch.wgsl and augmentPoints.wgsl compute. */
import type { PointDistortion } from '../ops/augmentPoints';
import { philox, streamOf } from '../philox';
import { permuted } from './permutation';

interface PointBatchOptions {
  readonly stored: number;
  readonly points: number;
  readonly normals: boolean;
  readonly resample: boolean;
  readonly stream: string;
}

interface Chance {
  readonly seed: number;
  readonly step: number;
}

const signed = (word: number, k: number) => ((word << (24 - 8 * k)) >> 24) / 127;

/** Coordinates [B, N, 3 or 6] and parts [B, N] of words [shapes, P, 2] for items [B]. */
export function hostPointBatch(
  words: ArrayLike<number>,
  items: readonly number[],
  { stored, points, normals, resample, stream }: PointBatchOptions,
  { seed, step }: Chance,
): { points: number[]; parts: number[] } {
  const key = [seed, streamOf(stream)] as const;
  const rows = items.flatMap((item, b) =>
    Array.from({ length: points }, (_, n) => {
      const word = (right: number, round: number) => philox([step, b, right, round], key)[0];
      const at = 2 * (item * stored + (resample ? permuted(n, stored, word) : n));
      return [words[at] ?? 0, words[at + 1] ?? 0] as const;
    }),
  );
  const three = (word: number) => [0, 1, 2].map((k) => signed(word, k));
  return {
    points: rows.flatMap(([place, normal]) => [...three(place), ...(normals ? three(normal) : [])]),
    parts: rows.map(([place]) => place >>> 24),
  };
}

type Vector = readonly [number, number, number];

/** Clouds [B, N, D] (D = 3, or 6 with normals) distorted: coordinates, and where each point came from (N: an outlier). */
export function hostAugmentPoints(
  cloud: ArrayLike<number>,
  [B, N, D]: readonly [number, number, number],
  d: PointDistortion,
  stream: string,
  { seed, step }: Chance,
): { points: number[]; source: number[] } {
  const key = [seed, streamOf(stream)] as const;
  const uniforms = (i: number, purpose: number) =>
    philox([step, i, purpose, 0], key).map((word) => (word >>> 8) * 2 ** -24) as [number, number, number, number];
  const vector = (at: number): Vector => [cloud[at] ?? NaN, cloud[at + 1] ?? NaN, cloud[at + 2] ?? NaN];
  const mix = (a: number, b: number, t: number) => a + (b - a) * t;
  const [points, source]: [number[], number[]] = [[], []];
  for (let i = 0; i < B * N; i++) {
    const first = i - (i % N);
    const [turn, size, drop, direction] = uniforms(first / N, 0);
    const own = uniforms(i, 2);
    const [x, , z] = vector(i * D);
    const along = 2 * Math.PI * direction;
    const height = 0.5 + 0.5 * (x * Math.cos(along) + z * Math.sin(along));
    const thinned = own[1] < d.densityGradient * Math.min(1, Math.max(0, height));
    const origin = own[0] < mix(d.leastDrop, d.mostDrop, drop) || thinned ? first : i;
    const angle = (2 * turn - 1) * Math.PI * d.turn;
    const turned = ([px, py, pz]: Vector): Vector => [
      Math.cos(angle) * px + Math.sin(angle) * pz,
      py,
      Math.cos(angle) * pz - Math.sin(angle) * px,
    ];
    const noise = threeNormals(uniforms(origin, 3)).map((v) => clip(d.jitter * v, d.jitterLimit));
    const scale = mix(d.smallest, d.largest, size);
    const outlier = own[2] < d.outliers;
    const moved = turned(vector(origin * D)).map((v, c) => scale * v + (noise[c] ?? NaN));
    const anywhere = uniforms(i, 4).slice(0, 3);
    points.push(...(outlier ? anywhere.map((u) => 2 * u - 1) : moved));
    if (D === 6) points.push(...turned(vector(origin * D + 3)));
    source.push(outlier ? N : origin - first);
  }
  return { points, source };
}

function clip(value: number, limit: number): number {
  return Math.min(limit, Math.max(-limit, value));
}

/** Three normals by Box–Muller, as rng.wgsl makes them. */
function threeNormals([a, b, c, d]: readonly [number, number, number, number]): Vector {
  const radius = (u: number) => Math.sqrt(-2 * Math.log(u + 2 ** -24));
  const [first, second] = [2 * Math.PI * b, 2 * Math.PI * d];
  return [radius(a) * Math.cos(first), radius(a) * Math.sin(first), radius(c) * Math.cos(second)];
}
