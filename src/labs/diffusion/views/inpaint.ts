import * as v from 'valibot';
import { brightness, hostSamples } from '../samples';
import type { MakeView } from './looker';

const Painting = v.object({
  /** Number of the held-out sample whose rest is kept. */
  index: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
  /** Numbers of one pixel plane [S·S], or of one point: 1 where to paint, 0 where to keep. */
  mask: v.array(v.number()),
  /** Different ways to fill it. */
  count: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(256)), 4),
  seed: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 1),
});

/**
 * In-painting: after each step the part to keep is put back, noised to the level reached. `original` [1, …sample], `painted`
 * [n, …sample] (pictures as brightness). Throws where the mask has another size.
 */
export const inpaint: MakeView = async (looker, request) => {
  const { index, mask, count, seed } = v.parse(Painting, request);
  const { data, width } = looker;
  const original = hostSamples(data, 'test', 1, index);
  if (original.count < 1) throw new Error(`view "inpaint": there is no held-out sample ${index}`);
  const plane = data.kind === 'pictures' ? data.set.size ** 2 : width;
  if (mask.length !== plane) throw new Error(`view "inpaint": the mask has ${mask.length} numbers; give ${plane}`);
  const repeated = (values: ArrayLike<number>) =>
    Float32Array.from({ length: count * width }, (_, i) => values[(i % width) % values.length] ?? 0);
  const label = original.labels?.[0] ?? looker.model.classes;
  const painted = await looker.sample(
    { batch: count, seed },
    { known: repeated(original.values), mask: repeated(mask), labels: new Uint32Array(count).fill(label) },
  );
  const shown = (values: Float32Array) => (data.kind === 'pictures' ? brightness(values) : values);
  return {
    original: { shape: [1, ...looker.model.sample], data: shown(original.values) },
    painted: { shape: [count, ...looker.model.sample], data: shown(painted) },
  };
};
