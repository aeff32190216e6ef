/**
 * Fixed 2-D sin-cos positions [grid², width] (+ a zero row first for a class token), as in facebookresearch/mae: the first half of the
 * width encodes the column, the second the row; each half sines, then cosines; ω_i = 10000^(-i/(width/4)).
 * Throws unless the width divides by 4.
 */
export function sinCosPositions2d(width: number, grid: number, classToken: boolean): Float32Array {
  if (width % 4 !== 0)
    throw new Error(`positions: width ${width} does not divide by 4; sines and cosines of two axes need it`);
  const quarter = width / 4;
  const first = classToken ? 1 : 0;
  const table = new Float32Array((grid * grid + first) * width);
  for (let y = 0; y < grid; y++) {
    for (let x = 0; x < grid; x++) {
      const row = (y * grid + x + first) * width;
      for (let i = 0; i < quarter; i++) {
        const omega = 10000 ** (-i / quarter);
        table[row + i] = Math.sin(x * omega);
        table[row + quarter + i] = Math.cos(x * omega);
        table[row + 2 * quarter + i] = Math.sin(y * omega);
        table[row + 3 * quarter + i] = Math.cos(y * omega);
      }
    }
  }
  return table;
}
