import * as v from 'valibot';
import { strideOf } from '../backbone';
import { layersOf } from '../deformedLayers';
import { samplingPoints, spreadAt } from '../samplingPoints';
import { BoxesSchema, PictureFields, sceneOf } from './picture';
import { floats, wholes, type Looker, type MakeView } from './looker';
import type { AskedPicture } from './picture';

/** Layers that sampling points are followed through. */
const LAYERS = 3;

async function looked(looker: Looker, asked: AskedPicture) {
  const { reader, shape, look } = looker;
  const scene = sceneOf(looker, asked);
  // One region, so that a form of the inside exists for the plain network as well.
  const form = reader.form({ batch: 1, proposals: 0, given: 1, inside: true });
  await form.run([scene.pixels], look.proposalOverlap, [[0, 0, shape.size, shape.size]]);
  return { scene, layers: await layersOf(form, shape) };
}

const Position = v.object({ ...PictureFields, x: v.pipe(v.number(), v.finite()), y: v.pipe(v.number(), v.finite()) });

/** `centre` [2]; `level n` [9ⁿ, 2] and `weight n` [9ⁿ] for n = 1, 2, 3; `deformed` u32 [3]. */
export const sampling: MakeView = async (looker, request) => {
  const asked = v.parse(Position, request);
  const { layers } = await looked(looker, asked);
  const last = layers.slice(-LAYERS);
  const stride = strideOf(looker.shape);
  const cell = (at: number) =>
    (Math.min(looker.shape.size / stride - 1, Math.max(0, Math.floor(at / stride))) + 0.5) * stride;
  const centre = [cell(asked.x), cell(asked.y)] as const;
  const found = samplingPoints(last, centre);
  return {
    centre: floats([2], centre),
    deformed: wholes(
      [last.length],
      last.map((l) => (l.offsets ? 1 : 0)),
    ),
    ...Object.fromEntries(
      found.flatMap(({ points, weights }, i) => [
        [`level ${i + 1}`, floats([weights.length, 2], points)],
        [`weight ${i + 1}`, floats([weights.length], weights)],
      ]),
    ),
  };
};

const Layer = v.object({ ...PictureFields, layer: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0) });

/**
 * Offsets of a deformable layer in pixels: `offsets` [9, 2 (y, x), cells, cells], `modulation` [9, cells, cells], `dilation` [cells, cells],
 * `atTruths` [T], `layers`, `pixelsPerCell` [1].
 */
export const offsets: MakeView = async (looker, request) => {
  const asked = v.parse(Layer, request ?? {});
  if (looker.shape.deformation === 'none')
    throw new Error('view "offsets": no layer of this network deforms; set deform to v1 or v2');
  const { scene, layers } = await looked(looker, asked);
  const deforming = layers.filter((l) => l.offsets);
  const layer = deforming[deforming.length - 1 - asked.layer];
  if (!layer?.offsets)
    throw new Error(`view "offsets": layer ${asked.layer}; there are ${deforming.length} deformable layers`);
  const { cells, stride } = layer;
  const centre = (i: number) => ((i % cells) + 0.5) * stride;
  const dilation = Array.from({ length: cells ** 2 }, (_, i) =>
    spreadAt(layer, [centre(i), (Math.floor(i / cells) + 0.5) * stride]),
  );
  const atTruths = scene.objects.map(({ box: [x1, y1, x2, y2] }) => spreadAt(layer, [(x1 + x2) / 2, (y1 + y2) / 2]));
  return {
    offsets: floats(
      [9, 2, cells, cells],
      layer.offsets.map((o) => o * stride),
    ),
    modulation: floats([9, cells, cells], layer.modulation ?? new Float32Array(9 * cells ** 2).fill(1)),
    dilation: floats([cells, cells], dilation),
    atTruths: floats([atTruths.length], atTruths),
    layers: wholes([1], [deforming.length]),
    pixelsPerCell: wholes([1], [stride]),
  };
};

const Regions = v.object({ ...PictureFields, boxes: BoxesSchema });
/** γ: an offset of 1 moves a bin by a tenth of the region. */
const GAMMA = 0.1;

/** Bins of regions as they stand and as they are moved: `plain`, `moved` [n, k², 4], `shifts` [n, k², 2 (x, y)] in pixels, `k` [1]. */
export const bins: MakeView = async (looker, request) => {
  const asked = v.parse(Regions, request);
  const { reader, shape, look } = looker;
  if (shape.pooling !== 'deformable')
    throw new Error('view "bins": the pooling of this network does not deform; set it to deformable');
  const scene = sceneOf(looker, asked);
  const n = asked.boxes.length;
  const form = reader.form({ batch: 1, proposals: 0, given: n, inside: true });
  await form.run([scene.pixels], look.proposalOverlap, asked.boxes);
  const { data } = await form.read('bin offsets');
  const k = shape.bins;
  const [plain, moved, shifts]: [number[], number[], number[]] = [[], [], []];
  asked.boxes.forEach(([x1, y1, x2, y2], r) => {
    const [w, h] = [x2 - x1, y2 - y1];
    for (let bin = 0; bin < k * k; bin++) {
      const [i, j] = [Math.floor(bin / k), bin % k];
      // [R, 2, k, k]: x, then y.
      const dx = (data[r * 2 * k * k + bin] ?? 0) * GAMMA * w;
      const dy = (data[r * 2 * k * k + k * k + bin] ?? 0) * GAMMA * h;
      const [left, top] = [x1 + (j * w) / k, y1 + (i * h) / k];
      plain.push(left, top, left + w / k, top + h / k);
      moved.push(left + dx, top + dy, left + dx + w / k, top + dy + h / k);
      shifts.push(dx, dy);
    }
  });
  return {
    plain: floats([n, k * k, 4], plain),
    moved: floats([n, k * k, 4], moved),
    shifts: floats([n, k * k, 2], shifts),
    k: wholes([1], [k]),
  };
};
