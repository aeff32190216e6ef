/** Rendered views as pictures. */

/** Depth (one channel) as it is; normals (three, −1 … 1) as colours, black where nothing is. */
export function brightnessOf(pixels: Float32Array, channels: number): Float32Array {
  if (channels === 1) return pixels;
  return pixels.map((v) => (v === 0 ? 0 : 0.5 + 0.5 * v));
}
