import * as v from 'valibot';
import { brightness, hostSamples } from '../samples';
import type { MakeView } from './looker';

const Some = v.object({
  count: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4096)), 64),
  which: v.optional(v.picklist(['train', 'test']), 'test'),
});

/** The data themselves: `samples` [n, …sample] (pictures as brightness), `labels` [n] where there are classes, `sigmaData` [1]. */
export const data: MakeView = (looker, request) => {
  const { count, which } = v.parse(Some, request ?? {});
  const { values, labels, count: found } = hostSamples(looker.data, which, count);
  const shown = looker.data.kind === 'pictures' ? brightness(values) : values;
  return Promise.resolve({
    samples: { shape: [found, ...looker.model.sample], data: shown },
    sigmaData: { shape: [1], data: Float32Array.of(looker.process.constants.sigmaData) },
    ...(labels && { labels: { shape: [found], data: labels } }),
  });
};
