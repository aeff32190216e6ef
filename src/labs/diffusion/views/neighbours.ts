import * as v from 'valibot';
import { nearestTraining } from '../nearest';
import { brightness, hostSamples } from '../samples';
import { Drawing } from './samples';
import type { MakeView } from './looker';

/**
 * Fresh samples beside the nearest training sample of each: `samples` and `nearest` [n, …sample] (pictures as brightness), `index` [n]
 * and `distance` [n] (root mean square over the sample's numbers); `heldOut` [m], the same distance of held-out data, to compare with.
 */
export const neighbours: MakeView = async (looker, request) => {
  const { count, seed, ideal } = v.parse(Drawing, request ?? {});
  const { data, width } = looker;
  const made = await looker.sample({ batch: count, seed, ideal });
  const found = nearestTraining(data, { points: made, count, width });
  const held = hostSamples(data, 'test', 64);
  const usual = nearestTraining(data, { points: held.values, count: held.count, width });
  const copies = new Float32Array(count * width);
  found.forEach(({ index }, i) => copies.set(hostSamples(data, 'train', 1, index).values, i * width));
  const shape = [count, ...looker.model.sample];
  const shown = (values: Float32Array) => (data.kind === 'pictures' ? brightness(values) : values);
  return {
    samples: { shape, data: shown(made) },
    nearest: { shape, data: shown(copies) },
    index: { shape: [count], data: Uint32Array.from(found, (f) => f.index) },
    distance: { shape: [count], data: Float32Array.from(found, (f) => f.distance) },
    heldOut: { shape: [held.count], data: Float32Array.from(usual, (f) => f.distance) },
  };
};
