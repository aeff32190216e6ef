import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { composeScene, EASY, packTruths, sceneDifficulty, type Scene } from './scenes';
import { loadSprites, type SpriteSet } from './sprites';

const readPublic = async (path: string): Promise<ArrayBuffer> => {
  const bytes = await readFile(`public/${path}`);
  return Uint8Array.from(bytes).buffer;
};

/** A white disc's worth of a square on black photographs, for exact boxes. */
function plainSet(): SpriteSet {
  const side = 8;
  const pixels = new Uint8Array(4 * side * side).fill(255);
  const photo = (part: 'train' | 'test', value: number) => ({
    name: part,
    part,
    pixels: new Uint8Array(3 * 32 * 24).fill(value),
    width: 32,
    height: 24,
  });
  const sprite = (part: 'train' | 'test', label: number) => ({ label, name: part, part, pixels, side });
  return {
    id: 'plain',
    classes: [
      { en: 'a', zh: 'a' },
      { en: 'b', zh: 'b' },
    ],
    sprites: [sprite('train', 0), sprite('test', 1)],
    photographs: [photo('train', 0), photo('test', 0)],
  };
}

const UPRIGHT = { ...EASY, size: 64, rotation: 0, light: 0, overlap: 0 };

describe('composed scenes', () => {
  it('have boxes that are the bounds of what was pasted', () => {
    for (let i = 0; i < 20; i++) {
      const { pixels, objects } = composeScene(plainSet(), { ...UPRIGHT, objects: [1, 1] }, 'train', 3, i);
      const [x1, y1, x2, y2] = objects[0]?.box ?? [0, 0, 0, 0];
      const bright = Array.from({ length: 64 * 64 }, (_, k) => k).filter((k) => (pixels[k] ?? 0) >= 128);
      const [xs, ys] = [bright.map((k) => k % 64), bright.map((k) => Math.floor(k / 64))];
      expect([Math.min(...xs), Math.min(...ys), Math.max(...xs) + 1, Math.max(...ys) + 1]).toEqual([x1, y1, x2, y2]);
      expect((x2 - x1) * (y2 - y1)).toBe(bright.length);
    }
  });

  it('are the same for the same number, and others for another number, seed or part', () => {
    const scene = (part: 'train' | 'test', seed: number, number: number) =>
      composeScene(plainSet(), UPRIGHT, part, seed, number);
    const text = (s: Scene) => JSON.stringify([Array.from(s.pixels), s.objects.map((o) => o.box)]);
    expect(text(scene('train', 1, 5))).toBe(text(scene('train', 1, 5)));
    const others = [scene('train', 1, 6), scene('train', 2, 5), scene('test', 1, 5)];
    for (const other of others) expect(text(other)).not.toBe(text(scene('train', 1, 5)));
  });

  it('take sprites of their own part alone', () => {
    for (const [part, label] of [['train', 0] as const, ['test', 1] as const])
      for (let i = 0; i < 5; i++)
        for (const o of composeScene(plainSet(), UPRIGHT, part, 1, i).objects) expect(o.label).toBe(label);
    const half = { ...plainSet(), sprites: plainSet().sprites.slice(0, 1) };
    expect(() => composeScene(half, UPRIGHT, 'test', 1, 0)).toThrow(/nothing for test/);
  });

  it('keep objects inside the picture and apart, at any difficulty', () => {
    for (const difficulty of [0, 0.5, 1]) {
      const options = sceneDifficulty(64, difficulty);
      let most = 0;
      for (let i = 0; i < 12; i++) {
        const { objects } = composeScene(plainSet(), options, 'train', 1, i);
        most = Math.max(most, objects.length);
        for (const { box } of objects) {
          expect(Math.min(...box)).toBeGreaterThanOrEqual(0);
          expect(Math.max(...box)).toBeLessThanOrEqual(64);
          expect(box[2] - box[0]).toBeGreaterThanOrEqual(4);
        }
        expect(objects.length).toBeGreaterThanOrEqual(1);
      }
      expect(most).toBeGreaterThan(difficulty < 1 ? 1 : 3);
      expect(most).toBeLessThanOrEqual(8);
    }
  });

  it('turn into rows of truths', () => {
    const scenes = [0, 1].map((i) => composeScene(plainSet(), { ...UPRIGHT, objects: [1, 2] }, 'train', 1, i));
    const { boxes, labels, counts } = packTruths(scenes, 3);
    expect([boxes.length, labels.length]).toEqual([24, 6]);
    expect(Array.from(counts)).toEqual(scenes.map((s) => s.objects.length));
    expect(Array.from(boxes.subarray(12, 16))).toEqual(scenes[1]?.objects[0]?.box);
    expect(() => packTruths([{ objects: scenes.flatMap((s) => s.objects) }], 1)).toThrow(/1 at most fit/);
  });
});

describe.each(['furniture', 'emoji'])('the shipped sprites: %s', (id) => {
  it('have instances of every class in training and test, and distinct photographs', async () => {
    const set = await loadSprites(id, readPublic);
    for (const part of ['train', 'test'] as const) {
      const labels = new Set(set.sprites.filter((s) => s.part === part).map((s) => s.label));
      expect(labels.size).toBe(set.classes.length);
      expect(set.photographs.filter((p) => p.part === part).length).toBeGreaterThanOrEqual(3);
    }
    const whole = set.sprites.every((s) => s.pixels.subarray(3 * 64 * 64).some((a) => a === 255));
    expect(whole).toBe(true);
    const { objects, pixels } = composeScene(set, sceneDifficulty(128, 0.5), 'test', 1, 1);
    expect(objects.length).toBeGreaterThanOrEqual(1);
    expect(new Set(pixels).size).toBeGreaterThan(50);
  });

  it('names what is not there', async () => {
    await expect(loadSprites('cars', readPublic)).rejects.toThrow(/there are furniture, emoji/);
  });
});
