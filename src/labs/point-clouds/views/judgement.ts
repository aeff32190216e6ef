import * as v from 'valibot';
import { UNDISTORTED } from '../../../engine/ops/augmentPoints';
import { figures, judge } from '../evaluation';
import { classIous } from '../metrics';
import { floats, type MakeView } from './looker';

const Asked = v.object({
  /** As the sliders distort it; as it is otherwise. */
  distorted: v.optional(v.boolean(), true),
  /** Held-out shapes at most. */
  most: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 4096),
});

/**
 * The held-out set in counts: `confusion` [K, K] (truth by prediction; of shapes, or of points), `classIou` [K] of points; for parts
 * `categoryIou` [categories] and `categoryPartIou` [categories, parts] (NaN where a category has a part not); and each figure of the evaluation
 * [1] by its name.
 */
export const judgement: MakeView = async (looker, request) => {
  const { distorted, most } = v.parse(Asked, request ?? {});
  const { data, network, reader, look, points } = looker;
  const found = await judge(reader, data, network, {
    ...(distorted ? look : { points, distortion: UNDISTORTED }),
    most,
  });
  const { classes, counts } = found.confusion;
  const { parts } = found;
  return {
    confusion: floats([classes, classes], Float32Array.from(counts)),
    ...(network.task !== 'classification' && {
      classIou: floats([classes], Float32Array.from(classIous(found.confusion))),
    }),
    ...(parts && {
      categoryIou: floats([data.set.classes.length], Float32Array.from(parts.byCategory())),
      categoryPartIou: floats([data.set.classes.length, data.set.parts.length], parts.byPart()),
    }),
    ...Object.fromEntries(Object.entries(figures(found, network.task)).map(([name, x]) => [name, floats([1], [x])])),
  };
};
