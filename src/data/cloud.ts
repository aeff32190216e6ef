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

interface Areas {
  /** Where each triangle with an area begins in `triangles`. */
  readonly begins: Uint32Array;
  /** Running sums of their areas. */
  readonly sums: Float64Array;
  /** Their unit normals, three numbers each. */
  readonly normals: Float64Array;
}

function areasOf({ positions, triangles }: Mesh): Areas {
  const most = Math.floor(triangles.length / 3);
  const begins = new Uint32Array(most);
  const sums = new Float64Array(most);
  const normals = new Float64Array(3 * most);
  let [kept, total] = [0, 0];
  for (let t = 0; t < 3 * most; t += 3) {
    const [a, b, c] = [3 * (triangles[t] ?? 0), 3 * (triangles[t + 1] ?? 0), 3 * (triangles[t + 2] ?? 0)];
    const [x, y, z] = [positions[a] ?? NaN, positions[a + 1] ?? NaN, positions[a + 2] ?? NaN];
    const [ux, uy, uz] = [(positions[b] ?? NaN) - x, (positions[b + 1] ?? NaN) - y, (positions[b + 2] ?? NaN) - z];
    const [vx, vy, vz] = [(positions[c] ?? NaN) - x, (positions[c + 1] ?? NaN) - y, (positions[c + 2] ?? NaN) - z];
    const [nx, ny, nz] = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
    const length = Math.hypot(nx, ny, nz);
    if (!(length > 0) || !Number.isFinite(length)) continue;
    total += length / 2;
    begins[kept] = t;
    sums[kept] = total;
    normals[3 * kept] = nx / length;
    normals[3 * kept + 1] = ny / length;
    normals[3 * kept + 2] = nz / length;
    kept++;
  }
  return { begins, sums: sums.subarray(0, kept), normals };
}

/**
 * `count` points spread evenly over a mesh's surface, with the normals of its triangles: a triangle by area, then a place in it
 * (Osada et al. 2002). A function of `draws`. Throws where no triangle has an area.
 */
export function sampleSurface(mesh: Mesh, count: number, draws: Draws): Cloud {
  const { begins, sums, normals } = areasOf(mesh);
  if (sums.length === 0) throw new Error('surface: the mesh has no triangle with an area; it needs faces');
  const { positions, triangles } = mesh;
  const total = sums[sums.length - 1] ?? 0;
  const cloud = emptyCloud(count);
  for (let i = 0; i < count; i++) {
    const chosen = firstAbove(sums, draws.next() * total);
    const root = Math.sqrt(draws.next());
    const v = draws.next();
    const t = begins[chosen] ?? 0;
    const [a, b, c] = [3 * (triangles[t] ?? 0), 3 * (triangles[t + 1] ?? 0), 3 * (triangles[t + 2] ?? 0)];
    for (let axis = 0; axis < 3; axis++) {
      const first = (1 - root) * (positions[a + axis] ?? 0);
      cloud.points[3 * i + axis] =
        first + root * (1 - v) * (positions[b + axis] ?? 0) + root * v * (positions[c + axis] ?? 0);
      cloud.normals[3 * i + axis] = normals[3 * chosen + axis] ?? 0;
    }
    cloud.parts[i] = mesh.parts?.[t / 3] ?? 0;
  }
  return cloud;
}

/** The first of ascending numbers that is above a value; the last one if none is. */
function firstAbove(sums: ArrayLike<number>, value: number): number {
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
  const { points: from } = cloud;
  const mean = [0, 0, 0];
  for (let i = 0; i < from.length; i++) mean[i % 3] = (mean[i % 3] ?? 0) + (3 * (from[i] ?? 0)) / from.length;
  const [x = 0, y = 0, z = 0] = mean;
  let radius = 0;
  for (let i = 0; i < from.length; i += 3) {
    radius = Math.max(radius, Math.hypot((from[i] ?? 0) - x, (from[i + 1] ?? 0) - y, (from[i + 2] ?? 0) - z));
  }
  const scale = radius > 0 ? 1 / radius : 1;
  const points = from.map((v, i) => (v - (mean[i % 3] ?? 0)) * scale);
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
