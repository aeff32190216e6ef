/** Points as discs with a z-buffer, as plain loops on the host. */

/** Looks along −z without perspective: pixel and depth are exact for coordinates of few bits. */
export const ALONG_Z = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, -0.5, 0.5, 0, 0, 0, 1];

interface Drawing {
  readonly side: number;
  readonly radius: number;
}

/** Points [N, 3] seen along −z: depths (1 near, 0 nothing) and owners (N: none), each [side, side]. */
export function hostSplats(
  points: Float32Array,
  { side, radius }: Drawing,
): { depth: Float32Array; owners: Uint32Array } {
  const N = points.length / 3;
  const depth = new Float32Array(side * side);
  const owners = new Uint32Array(side * side).fill(N);
  for (let n = 0; n < N; n++) {
    const [x = 0, y = 0, z = 0] = points.subarray(3 * n, 3 * n + 3);
    if (Math.max(Math.abs(x), Math.abs(y), Math.abs(z)) > 1) continue;
    const [u, v] = [((x + 1) / 2) * side, ((1 - y) / 2) * side];
    const near = 1 - (0.5 - 0.5 * z);
    for (let row = 0; row < side; row++)
      for (let column = 0; column < side; column++) {
        const own = column === Math.min(side - 1, Math.floor(u)) && row === Math.min(side - 1, Math.floor(v));
        const inside = (column + 0.5 - u) ** 2 + (row + 0.5 - v) ** 2 <= radius ** 2;
        const at = row * side + column;
        if ((!own && !inside) || (owners[at] !== N && near <= (depth[at] ?? 0))) continue;
        depth[at] = near;
        owners[at] = n;
      }
  }
  return { depth, owners };
}
