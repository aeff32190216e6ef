/** Sprites of three plain shapes and grey photographs, for tests that read no file. */
import type { Photograph, Sprite, SpriteSet } from '../../src/data/sprites';

const SIDE = 16;

function sprite(label: number, part: Sprite['part'], inside: (x: number, y: number) => boolean): Sprite {
  const plane = SIDE * SIDE;
  const pixels = new Uint8Array(4 * plane);
  for (let i = 0; i < plane; i++) {
    const [x, y] = [((i % SIDE) + 0.5) / SIDE, (Math.floor(i / SIDE) + 0.5) / SIDE];
    if (!inside(x, y)) continue;
    for (let c = 0; c < 3; c++) pixels[c * plane + i] = c === label ? 250 : 20;
    pixels[3 * plane + i] = 255;
  }
  return { label, name: `shape ${label}`, part, pixels, side: SIDE };
}

function photograph(part: Photograph['part']): Photograph {
  const [width, height] = [24, 20];
  const pixels = Uint8Array.from({ length: 3 * width * height }, (_, i) => 110 + ((i * 7919) % 31));
  return { name: part, part, pixels, width, height };
}

/** Red squares, green discs, blue triangles; the held-out ones look like the others. */
export function tinySprites(): SpriteSet {
  const shapes = [
    () => true,
    (x: number, y: number) => (x - 0.5) ** 2 + (y - 0.5) ** 2 < 0.25,
    (x: number, y: number) => Math.abs(x - 0.5) < y / 2,
  ];
  const parts = ['train', 'test'] as const;
  return {
    id: 'tiny',
    classes: ['square', 'disc', 'triangle'].map((name) => ({ en: name, zh: name })),
    sprites: parts.flatMap((part) => shapes.map((inside, label) => sprite(label, part, inside))),
    photographs: parts.map(photograph),
  };
}
