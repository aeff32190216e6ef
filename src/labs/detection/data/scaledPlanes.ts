/** RGB planes [3, from, from] at another side length: means of what lies under each pixel. */
export function scaledPlanes(pixels: Uint8Array, from: number, to: number): Uint8Array {
  if (from === to) return pixels;
  const out = new Uint8Array(3 * to * to);
  const step = from / to;
  const samples = Math.max(1, Math.ceil(step));
  const places = Array.from({ length: to }, (_, i) =>
    Array.from({ length: samples }, (__, s) => Math.min(from - 1, Math.floor((i + (s + 0.5) / samples) * step))),
  );
  for (let c = 0; c < 3; c++)
    places.forEach((rows, y) => {
      places.forEach((columns, x) => {
        let sum = 0;
        for (const row of rows) for (const column of columns) sum += pixels[(c * from + row) * from + column] ?? 0;
        out[(c * to + y) * to + x] = Math.round(sum / samples ** 2);
      });
    });
  return out;
}
