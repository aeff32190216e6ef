/** Anchors, proposals, and what the head says of regions. */
import * as v from 'valibot';
import { boxOverlap, type Box } from '../../../train/evaluation/averagePrecision';
import { anchorBoxes, anchorsPerCell, cellsOf } from '../detector';
import { boxRows, PictureFields, PictureSchema, sceneOf } from './picture';
import { floats, wholes, type MakeView } from './looker';

function boxesOf(flat: ArrayLike<number>): Box[] {
  const at = (i: number) => flat[i] ?? 0;
  return Array.from({ length: flat.length / 4 }, (_, i) => [at(4 * i), at(4 * i + 1), at(4 * i + 2), at(4 * i + 3)]);
}

/** Labels as training gives them: positive from .7 on or where a truth has no better one, negative below .3. */
export function anchorLabels(boxes: readonly Box[], truths: readonly Box[]) {
  const table = boxes.map((box) => truths.map((truth) => boxOverlap(box, truth)));
  const overlaps = table.map((row) => Math.max(0, ...row));
  const best = truths.map((_, t) => Math.max(...table.map((row) => row[t] ?? 0)));
  const labels = overlaps.map((overlap, i) => {
    const forced = best.some((b, t) => b > 0 && table[i]?.[t] === b);
    return overlap >= 0.7 || forced ? 1 : overlap < 0.3 ? 0 : -1;
  });
  return { labels, overlaps };
}

/** `boxes` [N, 4], `objectness`, `labels`, `overlaps` [N], `perCell`, `cells` [1]. */
export const anchors: MakeView = async (looker, request) => {
  const scene = sceneOf(looker, v.parse(PictureSchema, request ?? {}));
  const { reader, shape, look } = looker;
  const form = reader.form({ batch: 1, proposals: 0, anchors: true });
  await form.run([scene.pixels], look.proposalOverlap);
  const { data: objectness } = await form.read('objectness');
  const flat = anchorBoxes(shape);
  const found = anchorLabels(
    boxesOf(flat),
    scene.objects.map((o) => o.box),
  );
  const N = flat.length / 4;
  return {
    boxes: floats([N, 4], flat),
    objectness: floats([N], objectness),
    labels: floats([N], found.labels),
    overlaps: floats([N], found.overlaps),
    perCell: wholes([1], [anchorsPerCell(shape)]),
    cells: wholes([1], [cellsOf(shape)]),
  };
};

/** `boxes` [P, 4], `scores` [P]: before suppression, by falling score. */
export const proposals: MakeView = async (looker, request) => {
  const scene = sceneOf(looker, v.parse(PictureSchema, request ?? {}));
  const form = looker.reader.form({ batch: 1, proposals: 0, anchors: true });
  await form.run([scene.pixels], looker.look.proposalOverlap);
  const [boxes, scores] = [(await form.read('best boxes')).data, (await form.read('best scores')).data];
  return { boxes: floats([scores.length, 4], boxes), scores: floats([scores.length], scores) };
};

const Regions = v.object({
  ...PictureFields,
  /** Overlap above which a proposal gives way to a better one; the control's unless given. */
  overlap: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
});

/** `regions` [R, 4], `probabilities` [R, classes + 1], `boxes` [R, 4]: before the final suppression. */
export const detections: MakeView = async (looker, request) => {
  const asked = v.parse(Regions, request ?? {});
  const scene = sceneOf(looker, asked);
  const { reader, look, shape } = looker;
  const form = reader.form({ batch: 1, proposals: look.proposals });
  await form.run([scene.pixels], asked.overlap ?? look.proposalOverlap);
  const [found] = await form.regions();
  const { regions = [], probabilities = [], boxes = [] } = found ?? {};
  const flat = new Float32Array(regions.length * (shape.classes + 1));
  probabilities.forEach((row, i) => flat.set(row, i * (shape.classes + 1)));
  return {
    regions: boxRows(regions),
    probabilities: floats([regions.length, shape.classes + 1], flat),
    boxes: boxRows(boxes),
  };
};
