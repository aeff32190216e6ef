import * as v from 'valibot';
import { mixtureDenoiser } from '../process/mixture';
import type { MakeView } from './looker';

const Field = v.object({
  sigma: v.pipe(v.number(), v.minValue(1e-4), v.maxValue(1000)),
  /** Points along an axis, and how far out. */
  grid: v.optional(v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(64)), 20),
  extent: v.optional(v.pipe(v.number(), v.minValue(0.01), v.maxValue(1000)), 1.2),
});

/**
 * The score (D − x̄)/σ² on a grid in the plane, row by row from the lowest y: `places`, `learned` and `exact` [g, g, 2], `logDensity`
 * [g, g] of the data blurred by σ. Throws for pictures.
 */
export const score: MakeView = async (looker, request) => {
  const { sigma, grid, extent } = v.parse(Field, request);
  const { data } = looker;
  if (data.kind !== 'plane') throw new Error('view "score": it is for points in the plane; choose such data');
  const count = grid * grid;
  const at = (i: number) => ((i / (grid - 1)) * 2 - 1) * extent;
  const places = Float32Array.from({ length: 2 * count }, (_, k) => {
    const i = k >> 1;
    return at(k % 2 === 0 ? i % grid : Math.floor(i / grid));
  });
  const d = await looker.denoise(places, new Float32Array(count).fill(sigma));
  const exact = new Float32Array(2 * count);
  const logDensity = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const x = [places[2 * i] ?? 0, places[2 * i + 1] ?? 0];
    const found = mixtureDenoiser(data.mixture, x, { signal: 1, noise: sigma });
    exact.set(
      found.denoised.map((y, c) => (y - (x[c] ?? 0)) / sigma ** 2),
      2 * i,
    );
    logDensity[i] = found.logDensity;
  }
  const shape = [grid, grid, 2];
  return {
    places: { shape, data: places },
    learned: { shape, data: d.map((y, k) => (y - (places[k] ?? 0)) / sigma ** 2) },
    exact: { shape, data: exact },
    logDensity: { shape: [grid, grid], data: logDensity },
  };
};
