/** Which picture a view looks at. */
import * as v from 'valibot';
import { composePosed, type Scene, type SceneOptions } from '../../../data/scenes';
import type { Box } from '../../../train/evaluation/averagePrecision';
import { SCENE_SEED } from '../evaluation';
import { floats, wholes, type Looker, type MakeView } from './looker';

const whole = v.pipe(v.number(), v.integer(), v.minValue(0));
const real = v.pipe(v.number(), v.finite());
const share = v.pipe(real, v.minValue(0), v.maxValue(1));

const Posed = v.object({
  sprite: whole,
  x: real,
  y: real,
  extent: v.pipe(real, v.minValue(1)),
  rotation: real,
  warp: share,
});

export const BoxSchema = v.pipe(
  v.tuple([real, real, real, real]),
  v.check(([x1, y1, x2, y2]) => x2 > x1 && y2 > y1, 'a box needs x2 > x1 and y2 > y1'),
);
/** Regions of the reader's own. */
export const BoxesSchema = v.pipe(v.array(BoxSchema), v.minLength(1), v.maxLength(16));

/** What every request holds (PictureRequest of types.ts). */
export const PictureFields = {
  own: v.optional(v.instance(Uint8Array)),
  posed: v.optional(v.object({ photograph: whole, objects: v.pipe(v.array(Posed), v.maxLength(8)) })),
  number: v.optional(whole, 0),
  which: v.optional(v.picklist(['train', 'test']), 'test'),
  options: v.optional(
    v.partial(
      v.object({
        objects: v.tuple([whole, whole]),
        scale: v.tuple([share, share]),
        rotation: real,
        warp: share,
        light: share,
        overlap: share,
      }),
    ),
  ),
};
const Picture = v.object(PictureFields);
export type AskedPicture = v.InferOutput<typeof Picture>;

/** Sprites that can be posed, held-out ones first: their numbers are those of the view `sprites`. */
function posable({ data }: Looker) {
  const all = data.sprites?.sprites ?? [];
  return [...all.filter((s) => s.part === 'test'), ...all.filter((s) => s.part === 'train')];
}

function photographs({ data }: Looker) {
  const all = data.sprites?.photographs ?? [];
  return [...all.filter((p) => p.part === 'test'), ...all.filter((p) => p.part === 'train')];
}

/** Throws with what is wrong: a picture of another size, a sprite that there is not. */
export function sceneOf(looker: Looker, { own, posed, number, which, options }: AskedPicture): Scene {
  const { data, scene } = looker;
  const { size } = data;
  if (own) {
    if (own.length !== 3 * size ** 2)
      throw new Error(`own picture: it holds ${own.length} bytes; give planes [3, ${size}, ${size}]`);
    return { size, pixels: own, objects: [] };
  }
  if (!posed) return data.scene(which, SCENE_SEED, number, { ...scene, ...given(options), size });
  const sprites = posable(looker);
  const photos = photographs(looker);
  const photograph = photos[posed.photograph % Math.max(1, photos.length)];
  if (!photograph) throw new Error('posed objects: own pictures have no sprites; take furniture or emoji');
  const poses = posed.objects.map((o) => {
    const sprite = sprites[o.sprite];
    if (!sprite) throw new Error(`sprite ${o.sprite}: there are ${sprites.length}; give 0 to ${sprites.length - 1}`);
    return { ...o, sprite };
  });
  return composePosed(photograph, size, poses);
}

function given(options: AskedPicture['options']): Partial<SceneOptions> {
  return Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== undefined));
}

export const boxRows = (boxes: readonly Box[]) => floats([boxes.length, 4], boxes.flat());

/** `pixels` u8 [3, S, S], `boxes` [T, 4], `labels` u32 [T]. */
export const picture: MakeView = (looker, request) => {
  const { size, pixels, objects } = sceneOf(looker, v.parse(Picture, request ?? {}));
  return Promise.resolve({
    pixels: { shape: [3, size, size], data: pixels },
    boxes: boxRows(objects.map((o) => o.box)),
    labels: wholes(
      [objects.length],
      objects.map((o) => o.label),
    ),
  });
};

/** `labels`, `heldOut` u32 [count], `pixels` u8 [count, 4, side, side], `photographs` [1]. */
export const sprites: MakeView = (looker) => {
  const all = posable(looker);
  const side = all[0]?.side ?? 1;
  const pixels = new Uint8Array(all.length * 4 * side * side);
  all.forEach((s, i) => pixels.set(s.pixels, i * 4 * side * side));
  const column = (values: readonly number[]) => wholes([all.length], values);
  return Promise.resolve({
    labels: column(all.map((s) => s.label)),
    heldOut: column(all.map((s) => (s.part === 'test' ? 1 : 0))),
    pixels: { shape: [all.length, 4, side, side], data: pixels },
    photographs: wholes([1], [photographs(looker).length]),
  });
};

export const PictureSchema = Picture;
