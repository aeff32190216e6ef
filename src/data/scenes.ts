/** Detection scenes, composed as they are asked for: sprites, turned, bent and lit, pasted on photographs. */
import { Draws } from './draws';
import type { Part, Photograph, Sprite, SpriteSet } from './sprites';

/** (x1, y1, x2, y2) in pixels of the scene; continuous: a box of one pixel is one wide. */
export type Box = readonly [number, number, number, number];

export interface SceneObject {
  readonly label: number;
  /** Bounds of what was pasted, cut to the picture. */
  readonly box: Box;
  /** How it was pasted: the longer side as a share of the picture, radians, strength of the bend. */
  readonly scale: number;
  readonly rotation: number;
  readonly warp: number;
}

export interface Scene {
  readonly size: number;
  /** RGB planes [3, size, size]. */
  readonly pixels: Uint8Array;
  readonly objects: readonly SceneObject[];
}

export interface SceneOptions {
  /** Side in pixels. */
  readonly size: number;
  /** Objects of a scene, fewest and most; where there is no room for one, it is left out. */
  readonly objects: readonly [number, number];
  /** Longer side of an object as a share of the picture. */
  readonly scale: readonly [number, number];
  /** Largest turn to either side, radians. */
  readonly rotation: number;
  /** Strength of the bend, 0 to 1: at 1 a point moves by up to a quarter of the object. */
  readonly warp: number;
  /** Strength of changes of light, 0 to 1. */
  readonly light: number;
  /** Objects overlap earlier ones by no more (intersection over union of boxes). */
  readonly overlap: number;
}

export const EASY: SceneOptions = {
  size: 128,
  objects: [1, 4],
  scale: [0.25, 0.5],
  rotation: 0.15,
  warp: 0,
  light: 0.2,
  overlap: 0.05,
};

/** One slider from 0 (few large upright objects) to 1 (up to eight small ones, turned, bent, overlapping, in changing light). */
export function sceneDifficulty(size: number, difficulty: number): SceneOptions {
  const d = Math.min(1, Math.max(0, difficulty));
  return {
    size,
    objects: [1, Math.round(3 + 5 * d)],
    scale: [0.3 - 0.18 * d, 0.55 - 0.1 * d],
    rotation: 0.1 + (Math.PI - 0.1) * d ** 2,
    warp: 0.8 * d,
    light: 0.1 + 0.7 * d,
    overlap: 0.02 + 0.28 * d,
  };
}

const TRIES = 12;
/** Of an object this share of its longer side may stick out of the picture. */
const OUTSIDE = 0.1;

/** The scene of a number: the same for the same set, options, part, seed and number, on every machine. */
export function composeScene(set: SpriteSet, options: SceneOptions, part: Part, seed: number, number: number): Scene {
  const draws = new Draws(seed, `scene ${part} ${number}`);
  const pick = <T extends { readonly part: Part }>(items: readonly T[]): T => {
    const own = items.filter((i) => i.part === part);
    const chosen = own[draws.whole(own.length)];
    if (!chosen) throw new Error(`scenes: the set "${set.id}" has nothing for ${part}`);
    return chosen;
  };
  const pixels = background(pick(set.photographs), options, draws);
  const wanted = options.objects[0] + draws.whole(options.objects[1] - options.objects[0] + 1);
  const objects: SceneObject[] = [];
  for (let i = 0; i < wanted; i++) {
    const sprite = pick(set.sprites);
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const placed = placeSprite(sprite, options, draws);
      const free = placed && objects.every((o) => overlapOf(o.box, placed.object.box) <= options.overlap);
      if (!placed || !free) continue;
      paste(pixels, options.size, placed);
      objects.push(placed.object);
      break;
    }
  }
  return { size: options.size, pixels, objects };
}

function overlapOf(a: Box, b: Box): number {
  const side = (low: number, high: number) => Math.max(0, high - low);
  const inside = side(Math.max(a[0], b[0]), Math.min(a[2], b[2])) * side(Math.max(a[1], b[1]), Math.min(a[3], b[3]));
  const area = (box: Box) => (box[2] - box[0]) * (box[3] - box[1]);
  return inside / (area(a) + area(b) - inside);
}

/** A factor for each colour: brighter or darker as a whole, and a little warmer or colder. */
function lightOf(strength: number, draws: Draws): readonly number[] {
  const whole = Math.exp(draws.between(-0.5, 0.5) * strength);
  return [0, 1, 2].map(() => whole * Math.exp(draws.between(-0.12, 0.12) * strength));
}

/** A random square of a photograph, perhaps mirrored, in random light: planes [3, size, size]. */
function background(photo: Photograph, { size, light }: SceneOptions, draws: Draws): Uint8Array {
  const side = photo.height * draws.between(0.25, 1);
  const [left, top] = [draws.between(0, photo.width - side), draws.between(0, photo.height - side)];
  const mirrored = draws.next() < 0.5;
  const factors = lightOf(light, draws);
  const pixels = new Uint8Array(3 * size * size);
  cut(pixels, size, photo, { left, top, side, mirrored, factors });
  return pixels;
}

interface Cut {
  readonly left: number;
  readonly top: number;
  readonly side: number;
  readonly mirrored: boolean;
  readonly factors: readonly number[];
}

/** Writes a square of a photograph to planes [3, size, size]. */
function cut(pixels: Uint8Array, size: number, photo: Photograph, { left, top, side, mirrored, factors }: Cut): void {
  const columns = Array.from({ length: size }, (_, x) => {
    const column = mirrored ? size - 1 - x : x;
    return between(left + ((column + 0.5) * side) / size - 0.5, photo.width);
  });
  for (let y = 0; y < size; y++) {
    const row = between(top + ((y + 0.5) * side) / size - 0.5, photo.height);
    for (let c = 0; c < 3; c++) {
      const plane = c * photo.width * photo.height;
      const [upper, lower] = [plane + row.low * photo.width, plane + row.high * photo.width];
      const factor = factors[c] ?? 1;
      columns.forEach(({ low, high, share }, x) => {
        const above = mix(photo.pixels[upper + low] ?? 0, photo.pixels[upper + high] ?? 0, share);
        const below = mix(photo.pixels[lower + low] ?? 0, photo.pixels[lower + high] ?? 0, share);
        pixels[(c * size + y) * size + x] = Math.min(255, mix(above, below, row.share) * factor);
      });
    }
  }
}

function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}

/** The two pixels that a coordinate lies between, of `length`, and the second one's share; the border goes on outside. */
function between(at: number, length: number): { readonly low: number; readonly high: number; readonly share: number } {
  const inside = Math.min(length - 1, Math.max(0, at));
  const low = Math.floor(inside);
  return { low, high: Math.min(length - 1, low + 1), share: inside - low };
}

/** An object before it is drawn: colours and alpha of the pixels of a part of the picture. */
interface Placed {
  readonly object: SceneObject;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** RGBA (0 to 255) of height · width pixels. */
  readonly drawn: Float32Array;
}

/** Where and how a sprite is drawn. */
interface Drawing {
  /** Centre and half of the longer side, in pixels. */
  readonly cx: number;
  readonly cy: number;
  readonly half: number;
  readonly rotation: number;
  readonly warp: number;
  readonly bend: Bend;
  readonly mirrored: boolean;
  /** Factors of the three colours. */
  readonly factors: readonly number[];
  /** How far from the centre something of it may be. */
  readonly reach: number;
}

/** A sprite at a random place, size, turn and bend; undefined where too little of it shows. */
function placeSprite(sprite: Sprite, options: SceneOptions, draws: Draws): Placed | undefined {
  const { size, warp } = options;
  const scale = draws.between(...options.scale);
  const rotation = draws.between(-options.rotation, options.rotation);
  const bend = bendOf(warp, draws);
  const mirrored = draws.next() < 0.5;
  const factors = lightOf(options.light, draws);
  const half = (scale * size) / 2;
  const margin = half * (1 - 2 * OUTSIDE);
  const [cx, cy] = [draws.between(margin, size - margin), draws.between(margin, size - margin)];
  // A turned square reaches further than half its side, a bent one further still.
  const reach = half * (1 + 0.4 * Math.min(1, options.rotation) + 0.4 * warp);
  return drawSprite(sprite, size, { cx, cy, half, rotation, warp, bend, mirrored, factors, reach });
}

function drawSprite(sprite: Sprite, size: number, drawing: Drawing): Placed | undefined {
  const { cx, cy, half, rotation, warp, bend, factors, reach } = drawing;
  const turned = drawing.mirrored ? -1 : 1;
  const [cos, sin] = [Math.cos(rotation), Math.sin(rotation)];
  const [left, top] = [cx, cy].map((v) => Math.max(0, Math.floor(v - reach))) as [number, number];
  const [width, height] = [Math.min(size, Math.ceil(cx + reach)) - left, Math.min(size, Math.ceil(cy + reach)) - top];
  if (width < 1 || height < 1) return undefined;
  const drawn = new Float32Array(4 * width * height);
  const box: [number, number, number, number] = [size, size, 0, 0];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [dx, dy] = [(left + x + 0.5 - cx) / half, (top + y + 0.5 - cy) / half];
      const [u, w] = bend(turned * (cos * dx + sin * dy), cos * dy - sin * dx);
      const at = 4 * (y * width + x);
      spritePixel(sprite, u, w, drawn, at);
      if ((drawn[at + 3] ?? 0) < 127.5) continue;
      box[0] = Math.min(box[0], left + x);
      box[1] = Math.min(box[1], top + y);
      box[2] = Math.max(box[2], left + x + 1);
      box[3] = Math.max(box[3], top + y + 1);
    }
  // Less than four pixels either way is nothing that could be told.
  if (box[2] - box[0] < 4 || box[3] - box[1] < 4) return undefined;
  for (let i = 0; i < drawn.length; i++) if (i % 4 < 3) drawn[i] = (drawn[i] ?? 0) * (factors[i % 4] ?? 1);
  const object = { label: sprite.label, box, scale: (2 * half) / size, rotation, warp };
  return { object, left, top, width, height, drawn };
}

/** An object where somebody wants it. */
export interface Pose {
  readonly sprite: Sprite;
  /** Centre and longer side in pixels. */
  readonly x: number;
  readonly y: number;
  readonly extent: number;
  readonly rotation: number;
  /** Strength of the bend, which is always the same. */
  readonly warp: number;
}

/** A scene of objects as they are posed, on the middle of a photograph; what does not show is left out. No chance is in it. */
export function composePosed(photograph: Photograph, size: number, poses: readonly Pose[]): Scene {
  const pixels = new Uint8Array(3 * size * size);
  const side = photograph.height;
  cut(pixels, size, photograph, { left: (photograph.width - side) / 2, top: 0, side, mirrored: false, factors: [] });
  const objects = poses.flatMap(({ sprite, x, y, extent, rotation, warp }): SceneObject[] => {
    const half = Math.max(2, extent) / 2;
    const placed = drawSprite(sprite, size, {
      ...{ cx: x, cy: y, half, rotation, warp, bend: bendOf(warp, new Draws(1, 'posed bend')) },
      ...{ mirrored: false, factors: [], reach: half * (1.45 + 0.4 * warp) },
    });
    if (!placed) return [];
    paste(pixels, size, placed);
    return [placed.object];
  });
  return { size, pixels, objects };
}

type Bend = (u: number, w: number) => readonly [number, number];

/** A smooth map of the object's square onto itself and around: a wave along each axis, and a pinch. */
function bendOf(strength: number, draws: Draws): Bend {
  const wave = () => ({ height: strength * draws.between(-0.25, 0.25), phase: draws.between(0, 2 * Math.PI) });
  const [across, down] = [wave(), wave()];
  const pinch = strength * draws.between(-0.35, 0.35);
  return (u, w) => {
    const factor = 1 + pinch * w;
    return [
      u * factor + across.height * Math.sin(2.5 * w + across.phase),
      w + down.height * Math.sin(2.5 * u + down.phase),
    ];
  };
}

/** Writes colour and alpha at (u, w) of [−1, 1]² to four places of `out`; nothing where nothing shows. */
function spritePixel({ pixels, side }: Sprite, u: number, w: number, out: Float32Array, at: number): void {
  const [x, y] = [((u + 1) * side) / 2 - 0.5, ((w + 1) * side) / 2 - 0.5];
  if (!(x > -0.5 && y > -0.5 && x < side - 0.5 && y < side - 0.5)) return;
  const [column, row] = [between(x, side), between(y, side)];
  const plane = side * side;
  let [r, g, b, total] = [0, 0, 0, 0];
  for (let k = 0; k < 4; k++) {
    const place = (k >> 1 ? row.high : row.low) * side + (k & 1 ? column.high : column.low);
    const share = (k & 1 ? column.share : 1 - column.share) * (k >> 1 ? row.share : 1 - row.share);
    // Colours count by their alpha: what is transparent has none.
    const weight = share * (pixels[3 * plane + place] ?? 0);
    r += weight * (pixels[place] ?? 0);
    g += weight * (pixels[plane + place] ?? 0);
    b += weight * (pixels[2 * plane + place] ?? 0);
    total += weight;
  }
  if (total < 5) return;
  out[at] = r / total;
  out[at + 1] = g / total;
  out[at + 2] = b / total;
  out[at + 3] = total;
}

function paste(pixels: Uint8Array, size: number, { left, top, width, height, drawn }: Placed): void {
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const from = 4 * (y * width + x);
      const alpha = (drawn[from + 3] ?? 0) / 255;
      if (alpha === 0) continue;
      for (let c = 0; c < 3; c++) {
        const at = (c * size + top + y) * size + left + x;
        pixels[at] = Math.min(255, mix(pixels[at] ?? 0, drawn[from + c] ?? 0, alpha));
      }
    }
}

/** Truths of several scenes as a device takes them: the first `counts` of each row are there. */
export interface PackedTruths {
  /** [B, most, 4]. */
  readonly boxes: Float32Array<ArrayBuffer>;
  /** [B, most]. */
  readonly labels: Uint32Array<ArrayBuffer>;
  /** [B]. */
  readonly counts: Uint32Array<ArrayBuffer>;
}

/** Throws where a scene has more than `most` objects. */
export function packTruths(
  scenes: readonly { readonly objects: readonly Pick<SceneObject, 'label' | 'box'>[] }[],
  most: number,
): PackedTruths {
  const boxes = new Float32Array(scenes.length * most * 4);
  const labels = new Uint32Array(scenes.length * most);
  const counts = Uint32Array.from(scenes, (s) => s.objects.length);
  scenes.forEach(({ objects }, b) => {
    if (objects.length > most) throw new Error(`scenes: ${objects.length} objects in one picture, ${most} at most fit`);
    objects.forEach(({ label, box }, t) => {
      boxes.set(box, (b * most + t) * 4);
      labels[b * most + t] = label;
    });
  });
  return { boxes, labels, counts };
}
