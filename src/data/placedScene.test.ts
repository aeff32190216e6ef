import { describe, expect, it } from 'vitest';
import { posedScene, stillBackground, type Posed } from './placedScene';
import type { Sprite, SpriteSet } from './sprites';

const SIDE = 64;
/** An opaque square. */
const sprite: Sprite = { label: 0, name: 's', part: 'test', pixels: new Uint8Array(4 * 16 * 16).fill(255), side: 16 };
const black = new Uint8Array(3 * SIDE * SIDE);
const POSED: Posed = { x: 0.5, y: 0.5, scale: 0.5, rotation: 0, bend: 0 };

describe('a posed scene', () => {
  it('has its object where it is told, upright', () => {
    const { box, pixels } = posedScene(black, SIDE, sprite, POSED);
    expect(box).toEqual([16, 16, 48, 48]);
    expect([pixels[32 * SIDE + 32], pixels[5 * SIDE + 5]]).toEqual([255, 0]);
    expect(black.every((v) => v === 0)).toBe(true);
  });

  it('reaches further when it is turned by an eighth, and back after a quarter', () => {
    const turned = posedScene(black, SIDE, sprite, { ...POSED, rotation: Math.PI / 4 }).box ?? [0, 0, 0, 0];
    expect(turned[2] - turned[0]).toBeGreaterThan(43);
    expect(posedScene(black, SIDE, sprite, { ...POSED, rotation: Math.PI / 2 }).box).toEqual([16, 16, 48, 48]);
  });

  it('bends to either side and not at all at 0', () => {
    const lit = (bend: number) => posedScene(black, SIDE, sprite, { ...POSED, bend }).pixels;
    expect(lit(0.8)).not.toEqual(lit(0));
    expect(lit(-0.8)).not.toEqual(lit(0.8));
  });

  it('shows nothing outside the picture', () => {
    expect(posedScene(black, SIDE, sprite, { ...POSED, x: 2 }).box).toBeUndefined();
  });

  it('stands on a photograph that is held out, the same for the same number', () => {
    const photo = (part: 'train' | 'test', value: number) => ({
      ...{ name: part, part, width: 24, height: 20 },
      pixels: Uint8Array.from({ length: 3 * 24 * 20 }, (_, i) => (part === 'train' ? value : i % 251)),
    });
    const set: SpriteSet = {
      id: 'x',
      classes: [],
      sprites: [sprite],
      photographs: [photo('train', 9), photo('test', 7)],
    };
    const [one, again] = [stillBackground(set, 3, 32), stillBackground(set, 3, 32)];
    expect(one).toEqual(again);
    expect(one).not.toEqual(stillBackground(set, 4, 32));
    expect(new Set(one).size).toBeGreaterThan(20);
  });
});
