/** Triangles in space, with a part for each of them where parts are known. y is up. */
export interface Mesh {
  /** [V, 3]. */
  readonly positions: ArrayLike<number>;
  /** [T, 3] vertex numbers. */
  readonly triangles: ArrayLike<number>;
  /** [T]; all 0 where left out. */
  readonly parts?: ArrayLike<number>;
}

export type Vector = readonly [number, number, number];

/** One mesh of several, each of one part. */
export function joinMeshes(pieces: readonly { readonly mesh: Mesh; readonly part: number }[]): Mesh {
  const positions: number[] = [];
  const triangles: number[] = [];
  const parts: number[] = [];
  for (const { mesh, part } of pieces) {
    const first = positions.length / 3;
    for (let i = 0; i < mesh.positions.length; i++) positions.push(mesh.positions[i] ?? 0);
    for (let i = 0; i < mesh.triangles.length; i++) triangles.push(first + (mesh.triangles[i] ?? 0));
    for (let t = 0; t < mesh.triangles.length / 3; t++) parts.push(part);
  }
  return { positions, triangles, parts };
}

/** An axis-parallel box by its centre and its full size. */
export function boxMesh([x, y, z]: Vector, [width, height, depth]: Vector): Mesh {
  const positions: number[] = [];
  for (let corner = 0; corner < 8; corner++) {
    const side = (bit: number) => (corner & bit ? 0.5 : -0.5);
    positions.push(x + side(1) * width, y + side(2) * height, z + side(4) * depth);
  }
  const faces = [
    [0, 2, 3, 1],
    [4, 5, 7, 6],
    [0, 1, 5, 4],
    [2, 6, 7, 3],
    [0, 4, 6, 2],
    [1, 3, 7, 5],
  ];
  return { positions, triangles: faces.flatMap(([a = 0, b = 0, c = 0, d = 0]) => [a, b, c, a, c, d]) };
}

/** A grid of points [rows + 1, columns + 1] on a surface, given by a function of two numbers in 0 … 1, as triangles. */
export function patchMesh(rows: number, columns: number, at: (u: number, v: number) => Vector): Mesh {
  const positions: number[] = [];
  const triangles: number[] = [];
  for (let r = 0; r <= rows; r++) for (let c = 0; c <= columns; c++) positions.push(...at(r / rows, c / columns));
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      const a = r * (columns + 1) + c;
      const b = a + columns + 1;
      triangles.push(a, a + 1, b, b, a + 1, b + 1);
    }
  return { positions, triangles };
}

/** A profile [radius, height] from bottom to top turned about the vertical. */
export function latheMesh(profile: readonly (readonly [number, number])[], [x, y, z]: Vector = [0, 0, 0]): Mesh {
  const rows = profile.length - 1;
  return patchMesh(rows, 24, (u, v) => {
    const [radius = 0, height = 0] = profile[Math.round(u * rows)] ?? [];
    const angle = 2 * Math.PI * v;
    return [x + radius * Math.sin(angle), y + height, z + radius * Math.cos(angle)];
  });
}

/** A ring (or a part of one, `turn` in radians from `from` on) of `thickness` around an axis along z. */
export function ringMesh(
  [x, y, z]: Vector,
  {
    radius,
    thickness,
    from = 0,
    turn = 2 * Math.PI,
  }: { radius: number; thickness: number; from?: number; turn?: number },
): Mesh {
  return patchMesh(24, 10, (u, v) => {
    const [along, around] = [from + turn * u, 2 * Math.PI * v];
    const out = radius + thickness * Math.cos(around);
    return [x + out * Math.cos(along), y + out * Math.sin(along), z + thickness * Math.sin(around)];
  });
}
