/** Keys that order an image's patches on the host: what maskKeys.wgsl computes. The patches with the smallest keys stay visible. */
import { philox, philoxUniforms, streamOf } from '../philox';

/** Minus the distance of cell (x, y) to a random place (u, v), measured so that equal keys form a rectangle of random aspect (w). */
export function blockKey(x: number, y: number, grid: number, [u, v, w]: readonly [number, number, number]): number {
  const aspect = Math.exp((2 * w - 1) * 0.5 * Math.log(1 / 0.3));
  return -Math.max(Math.abs(x + 0.5 - u * grid) / aspect, Math.abs(y + 0.5 - v * grid) * aspect);
}

/** Order 0 … 255 of a cell in a Bayer pattern of 16×16: the first quarter is one cell of every 2×2. */
export function bayerOrder(x: number, y: number): number {
  let value = 0;
  for (let bit = 0; bit < 4; bit++) {
    const [bx, by] = [(x >> bit) & 1, (y >> bit) & 1];
    value = value * 4 + (bx ^ by) * 2 + by;
  }
  return value;
}

interface MaskOptions {
  readonly rows: number;
  readonly grid: number;
  readonly shape: 'random' | 'block' | 'grid';
  readonly stream: string;
}

/** Keys [rows, grid²], as the op maskKeys draws them. */
export function hostMaskKeys({ rows, grid, shape, stream }: MaskOptions, seed: number, step: number): number[] {
  const cells = grid * grid;
  const own = philoxUniforms(rows * cells, seed, stream, step);
  const key = [seed, streamOf(stream)] as const;
  return Array.from(own, (tie, i) => {
    if (shape === 'random') return tie;
    const [a, b, c] = philox([step, Math.floor(i / cells), 1, 0], key).map((word) => (word >>> 8) * 2 ** -24);
    const [u = 0, v = 0, w = 0] = [a, b, c];
    const [x, y] = [i % grid, Math.floor((i % cells) / grid)];
    if (shape === 'block') return blockKey(x, y, grid, [u, v, w]) + 1e-4 * tie;
    return bayerOrder(x + Math.floor(u * 16), y + Math.floor(v * 16)) + 0.5 * tie;
  });
}
