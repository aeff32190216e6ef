/** Masks that are drawn on a picture in squares of whole pixels: 1 where it is painted anew. */

/** More squares along a side are too small to press. */
const MOST = 16;

/** Squares along a side of a picture of `size` pixels: as many as divide it evenly. */
export function maskCells(size: number): number {
  for (let cells = Math.min(MOST, size); cells > 1; cells--) if (size % cells === 0) return cells;
  return 1;
}

/** The middle half of both sides, [cells²]. */
export function middle(cells: number): Float32Array {
  const inside = (v: number) => v >= Math.floor(cells / 4) && v < Math.ceil((3 * cells) / 4);
  return Float32Array.from({ length: cells * cells }, (_, i) =>
    inside(i % cells) && inside(Math.floor(i / cells)) ? 1 : 0,
  );
}

/** A mask of squares [cells²] on the pixels [size²] that they cover. */
export function onPixels(mask: Float32Array, cells: number, size: number): number[] {
  const side = size / cells;
  return Array.from({ length: size * size }, (_, i) => {
    const [row, column] = [Math.floor(Math.floor(i / size) / side), Math.floor((i % size) / side)];
    return mask[row * cells + column] ?? 0;
  });
}
