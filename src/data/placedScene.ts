/** A scene put together by hand: one sprite, where and how it is told, on a photograph that stays. */
import { Draws } from './draws';
import { background, drawSprite, paste, type Bend, type Box } from './scenes';
import type { Sprite, SpriteSet } from './sprites';

/** What a hand can do to an object. */
export interface Posed {
  /** Middle, as shares of the picture. */
  readonly x: number;
  readonly y: number;
  /** Longer side as a share of the picture. */
  readonly scale: number;
  /** Radians, clockwise. */
  readonly rotation: number;
  /** −1 to 1; 0 leaves it straight. */
  readonly bend: number;
}

export interface PosedScene {
  readonly side: number;
  /** RGB planes [3, side, side]. */
  readonly pixels: Uint8Array;
  /** Bounds of what shows; undefined where too little does. */
  readonly box: Box | undefined;
}

/** At full strength a point moves by a quarter of the object, as in training. */
const HIGHEST = 0.25;
const PINCH = 0.35;

function bendOf(strength: number): Bend {
  const wave = (phase: number) => ({ height: HIGHEST * strength, phase });
  return { across: wave(0), down: wave(Math.PI / 2), pinch: PINCH * strength };
}

/** A square of a photograph of the set, the same for the same number. */
export function stillBackground(set: SpriteSet, number: number, side: number): Uint8Array {
  const photos = set.photographs.filter((p) => p.part === 'test');
  const photo = photos[number % photos.length];
  if (!photo) throw new Error(`scenes: the set "${set.id}" has no photograph held out`);
  return background(photo, { size: side, light: 0 }, new Draws(number, 'still'));
}

export function posedScene(behind: Uint8Array, side: number, sprite: Sprite, posed: Posed): PosedScene {
  const { x, y, scale, rotation, bend } = posed;
  const placed = drawSprite(
    sprite,
    {
      ...{ cx: x * side, cy: y * side, scale, rotation, mirrored: false },
      ...{ bend: bendOf(bend), warp: Math.abs(bend), light: [1, 1, 1] },
    },
    side,
  );
  const pixels = behind.slice();
  if (placed) paste(pixels, side, placed);
  return { side, pixels, box: placed?.object.box };
}
