import * as v from 'valibot';
import { matchDetections, precisionRecall, averagePrecisions } from '../../../train/evaluation/averagePrecision';
import { detectionErrors } from '../../../train/evaluation/detectionErrors';
import { figures, judge, timePerPicture, type Judged } from '../evaluation';
import { floats, type MakeView } from './looker';

const Asked = v.object({
  /** Held-out scenes at most. */
  scenes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
});

const RECALLS = 101;

/** Best precision at recalls 0, .01 … 1 or more: [RECALLS]. */
function curveOf({ truths, detections }: Judged, label: number, limit: number): number[] {
  const own = <T extends { readonly label: number }>(items: readonly T[]) => items.filter((i) => i.label === label);
  const { precision, recall } = precisionRecall(matchDetections(own(truths), own(detections), { limit }));
  return Array.from({ length: RECALLS }, (_, i) =>
    precision.reduce((best, p, k) => ((recall[k] ?? 0) >= i / (RECALLS - 1) - 1e-12 ? Math.max(best, p) : best), 0),
  );
}

/**
 * The held-out scenes judged: `figure NAME` [1] of the evaluation, `classPrecision` [K] (at .5), `curves50`, `curves75` [K, 101], `errors` [6]
 * (hits, localisation, classification, duplicate, background, missed; at the score of the control), `time` [3] (shared, regions' part in ms;
 * regions).
 */
export const scores: MakeView = async (looker, request) => {
  const { scenes } = v.parse(Asked, request ?? {});
  const { reader, data, look, scene } = looker;
  const judged = await judge(reader, data, { look, scene, ...(scenes !== undefined && { most: scenes }) });
  const K = data.classes.length;
  const ofClasses = averagePrecisions(judged.truths, judged.detections, { limit: 0.5 });
  const curves = (limit: number) =>
    floats(
      [K, RECALLS],
      data.classes.flatMap((_, label) => curveOf(judged, label, limit)),
    );
  const { hits, localisation, classification, duplicate, background, missed } = detectionErrors(
    judged.truths,
    judged.detections,
    { least: look.score },
  );
  const time = await timePerPicture(reader, data, look, scene);
  return {
    ...Object.fromEntries(
      Object.entries(figures(judged, data.size, look.score)).map(([name, x]) => [`figure ${name}`, floats([1], [x])]),
    ),
    classPrecision: floats(
      [K],
      data.classes.map((_, label) => ofClasses.get(label) ?? NaN),
    ),
    curves50: curves(0.5),
    curves75: curves(0.75),
    errors: floats([6], [hits, localisation, classification, duplicate, background, missed]),
    time: floats([3], [time.shared, time.regions, look.proposals]),
  };
};
