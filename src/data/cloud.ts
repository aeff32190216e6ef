import type { Draws } from './draws';
import type { Mesh } from './mesh';

/** Points on a surface. */
export interface Cloud {
  /** [N, 3], y up. */
  readonly points: Float32Array;
  /** Unit vectors [N, 3]; zeros where there are none. */
  readonly normals: Float32Array;
  /** [N]. */
  readonly parts: Uint8Array;
}

/** Triangles of a mesh that have an area: their corners' numbers and the running sum of areas. */
function areasOf({ positions, triangles }: Mesh) {
  const kept: number[] = [];
  const sums: number[] = [];
  let total = 0;
  for (let t = 0; t + 2 < triangles.length; t += 3) {
    const n = crossOf(positions, triangles, t);
    const area = Math.hypot(...n) / 2;
    if (!(area > 0) || !Number.isFinite(area)) continue;
    total += area;
    kept.push(t);
    sums.push(total);
  }
  return { kept, sums, total };
}

function crossOf(positions: ArrayLike<number>, triangles: ArrayLike<number>, t: number): [number, number, number] {
  const corner = (k: number, c: number) => positions[3 * (triangles[t + k] ?? 0) + c] ?? NaN;
  const [ux, uy, uz] = [0, 1, 2].map((c) => corner(1, c) - corner(0, c)) as [number, number, number];
  const [vx, vy, vz] = [0, 1, 2].map((c) => corner(2, c) - corner(0, c)) as [number, number, number];
  return [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
}

/**
 * `count` points spread evenly over a mesh's surface, with the normals of its triangles: a triangle by area, then a place in it
 * (Osada et al. 2002). A function of `draws`. Throws where no triangle has an area.
 */
export function sampleSurface(mesh: Mesh, count: number, draws: Draws): Cloud {
  const { kept, sums, total } = areasOf(mesh);
  if (kept.length === 0) throw new Error('surface: the mesh has no triangle with an area; it needs faces');
  const cloud = emptyCloud(count);
  for (let i = 0; i < count; i++) {
    const wanted = draws.next() * total;
    const [root, v] = [Math.sqrt(draws.next()), draws.next()];
    const t = kept[firstAbove(sums, wanted)] ?? 0;
    const weights = [1 - root, root * (1 - v), root * v];
    const n = crossOf(mesh.positions, mesh.triangles, t);
    const length = Math.hypot(...n);
    for (let c = 0; c < 3; c++) {
      cloud.points[3 * i + c] = weights.reduce(
        (sum, w, k) => sum + w * (mesh.positions[3 * (mesh.triangles[t + k] ?? 0) + c] ?? 0),
        0,
      );
      cloud.normals[3 * i + c] = (n[c] ?? 0) / length;
    }
    cloud.parts[i] = mesh.parts?.[t / 3] ?? 0;
  }
  return cloud;
}

/** The first of ascending numbers that is above a value; the last one if none is. */
function firstAbove(sums: readonly number[], value: number): number {
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sums[middle] ?? 0) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

export function emptyCloud(count: number): Cloud {
  return {
    points: new Float32Array(3 * count),
    normals: new Float32Array(3 * count),
    parts: new Uint8Array(count),
  };
}

/** Centred on the mean and scaled into the unit sphere; `radius` is the length that 1 stands for. A cloud of one place keeps its size. */
export function normaliseCloud(cloud: Cloud): { readonly cloud: Cloud; readonly radius: number } {
  const count = cloud.points.length / 3;
  const mean = [0, 0, 0];
  cloud.points.forEach((v, i) => (mean[i % 3] = (mean[i % 3] ?? 0) + v / count));
  let radius = 0;
  for (let i = 0; i < count; i++) {
    radius = Math.max(radius, Math.hypot(...[0, 1, 2].map((c) => (cloud.points[3 * i + c] ?? 0) - (mean[c] ?? 0))));
  }
  const scale = radius > 0 ? 1 / radius : 1;
  const points = cloud.points.map((v, i) => (v - (mean[i % 3] ?? 0)) * scale);
  return { cloud: { ...cloud, points }, radius };
}

/** The points at these places, in this order. */
export function pickPoints(cloud: Cloud, places: ArrayLike<number>): Cloud {
  const picked = emptyCloud(places.length);
  for (let i = 0; i < places.length; i++) {
    const from = places[i] ?? 0;
    for (let c = 0; c < 3; c++) {
      picked.points[3 * i + c] = cloud.points[3 * from + c] ?? 0;
      picked.normals[3 * i + c] = cloud.normals[3 * from + c] ?? 0;
    }
    picked.parts[i] = cloud.parts[from] ?? 0;
  }
  return picked;
}
