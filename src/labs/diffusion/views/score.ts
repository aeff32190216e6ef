import * as v from 'valibot';
import { logDensityGrid, mixtureDenoiser, type Mixture } from '../process/mixture';
import type { MakeView } from './looker';

const Field = v.object({
  sigma: v.pipe(v.number(), v.minValue(1e-4), v.maxValue(1000)),
  /** Points along an axis, and how far out. */
  grid: v.optional(v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(64)), 20),
  extent: v.optional(v.pipe(v.number(), v.minValue(0.01), v.maxValue(1000)), 1.2),
  /** Cells of the density along an axis, which fill −reach … reach. */
  cells: v.optional(v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(128)), 32),
  reach: v.optional(v.pipe(v.number(), v.minValue(0.01), v.maxValue(1000)), 1.2),
});

/** The last density of a mixture: a run that goes on looks at the same one again and again. */
const densities = new WeakMap<Mixture, { readonly key: string; readonly values: Float32Array }>();

function density(mixture: Mixture, sigma: number, cells: number, reach: number): Float32Array {
  const key = [sigma, cells, reach].join();
  const known = densities.get(mixture);
  if (known?.key === key) return known.values;
  const values = logDensityGrid(mixture, sigma, cells, reach);
  densities.set(mixture, { key, values });
  return values;
}

/**
 * The score (D − x̄)/σ² on a grid in the plane, row by row from the lowest y: `places`, `learned` and `exact` [g, g, 2]; `logDensity`
 * [c, c] of the data blurred by σ, at the middle of each cell. Throws for pictures.
 */
export const score: MakeView = async (looker, request) => {
  const { sigma, grid, extent, cells, reach } = v.parse(Field, request);
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
  for (let i = 0; i < count; i++) {
    const x = [places[2 * i] ?? 0, places[2 * i + 1] ?? 0];
    const found = mixtureDenoiser(data.mixture, x, { signal: 1, noise: sigma });
    exact.set(
      found.denoised.map((y, c) => (y - (x[c] ?? 0)) / sigma ** 2),
      2 * i,
    );
  }
  const shape = [grid, grid, 2];
  return {
    places: { shape, data: places },
    learned: { shape, data: d.map((y, k) => (y - (places[k] ?? 0)) / sigma ** 2) },
    exact: { shape, data: exact },
    logDensity: { shape: [cells, cells], data: density(data.mixture, sigma, cells, reach) },
  };
};
