import * as v from 'valibot';
import { strideOf } from '../backbone';
import { cellsOf } from '../detector';
import { BoxesSchema, PictureFields, sceneOf } from './picture';
import { floats, wholes, type MakeView } from './looker';

const Asked = v.object({
  ...PictureFields,
  label: v.pipe(v.number(), v.integer(), v.minValue(-1)),
  boxes: BoxesSchema,
});

/**
 * R-FCN's score maps of a class, and the vote of regions: `maps` [k², cells, cells], `bins` [n, k²], `scores` [n] (their means),
 * `probabilities` [n, classes + 1], `pixelsPerCell` [1].
 */
export const votes: MakeView = async (looker, request) => {
  const asked = v.parse(Asked, request);
  const { shape, reader, look } = looker;
  if (shape.method !== 'rfcn')
    throw new Error('view "votes": it belongs to R-FCN; this run is of Faster R-CNN, which has no score maps');
  if (asked.label >= shape.classes)
    throw new Error(`view "votes": label ${asked.label}; there are ${shape.classes} classes`);
  const scene = sceneOf(looker, asked);
  const n = asked.boxes.length;
  const form = reader.form({ batch: 1, proposals: 0, given: n, inside: true });
  await form.run([scene.pixels], look.proposalOverlap, asked.boxes);
  const [maps, bins, probabilities] = [
    await form.read('maps'),
    await form.read('bins'),
    await form.read('probabilities'),
  ];
  const cells = cellsOf(shape);
  const [k2, C] = [shape.bins ** 2, shape.classes + 1];
  // Class 0 of the network is the background.
  const c = asked.label + 1;
  const own = Float32Array.from({ length: n * k2 }, (_, i) => {
    const region = Math.floor(i / k2);
    return bins.data[(region * C + c) * k2 + (i % k2)] ?? 0;
  });
  const scores = Array.from(
    { length: n },
    (_, i) => own.subarray(i * k2, (i + 1) * k2).reduce((a, b) => a + b, 0) / k2,
  );
  return {
    maps: floats([k2, cells, cells], maps.data.slice(c * k2 * cells ** 2, (c + 1) * k2 * cells ** 2)),
    bins: floats([n, k2], own),
    scores: floats([n], scores),
    probabilities: floats([n, C], probabilities.data),
    pixelsPerCell: wholes([1], [strideOf(shape)]),
  };
};
