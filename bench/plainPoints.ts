/** Farthest points and nearest neighbours as plain JavaScript on the processor: what the kernels are checked and timed against. */

function squaredDistance(a: Float32Array, i: number, b: Float32Array, j: number, depth: number): number {
  let sum = 0;
  for (let c = 0; c < depth; c++) {
    const away = (a[i * depth + c] ?? 0) - (b[j * depth + c] ?? 0);
    sum += away * away;
  }
  return sum;
}

/** One cloud of coordinates [N, 3] → `count` indices, the first `start`; ties by the smallest index. */
export function plainFarthestPoints(points: Float32Array, count: number, start = 0): Uint32Array {
  const length = points.length / 3;
  const nearest = new Float32Array(length).fill(Infinity);
  const picked = new Uint32Array(count);
  let pick = start;
  picked[0] = pick;
  for (let s = 1; s < count; s++) {
    let farthest = -1;
    const last = pick;
    for (let i = 0; i < length; i++) {
      const d = Math.min(nearest[i] ?? 0, squaredDistance(points, i, points, last, 3));
      nearest[i] = d;
      if (d > farthest) {
        farthest = d;
        pick = i;
      }
    }
    picked[s] = pick;
  }
  return picked;
}

/** queries [M, D], points [N, D] → indices [M, k] by (squared distance, index). `skipSelf` leaves point i out for query i. */
export function plainNearestNeighbours(
  queries: Float32Array,
  points: Float32Array,
  { depth, k, skipSelf = false }: { readonly depth: number; readonly k: number; readonly skipSelf?: boolean },
): Uint32Array {
  const [asked, length] = [queries.length / depth, points.length / depth];
  const found = new Uint32Array(asked * k);
  const distance = new Float64Array(k);
  const index = new Uint32Array(k);
  for (let q = 0; q < asked; q++) {
    distance.fill(Infinity);
    for (let j = 0; j < length; j++) {
      if (skipSelf && j === q) continue;
      const d = squaredDistance(queries, q, points, j, depth);
      if (d >= (distance[k - 1] ?? 0)) continue;
      let slot = k - 1;
      for (; slot > 0 && d < (distance[slot - 1] ?? 0); slot--) {
        distance[slot] = distance[slot - 1] ?? 0;
        index[slot] = index[slot - 1] ?? 0;
      }
      distance[slot] = d;
      index[slot] = j;
    }
    found.set(index, q * k);
  }
  return found;
}

/** Coordinates that are multiples of 1/256 in [−1, 1): squared distances are exact in float32, and many are equal. */
export function latticeCloud(uniforms: Float32Array): Float32Array {
  return uniforms.map((u) => Math.floor(u * 512) / 256 - 1);
}
