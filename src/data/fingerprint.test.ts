import { describe, expect, it } from 'vitest';
import type { AnnotatedPictures } from './annotatedPictures';
import { annotatedFingerprint, imageFingerprint } from './fingerprint';

const set = (label: number, x: number, pixel = 0): AnnotatedPictures => ({
  classes: [
    { en: 'a', zh: 'a' },
    { en: 'b', zh: 'b' },
  ],
  pictures: [{ name: 'p', pixels: new Uint8Array(400).fill(pixel), objects: [{ label, box: [x, 0, 10, 10] }] }],
});

describe('fingerprints of own pictures', () => {
  it('change with pixels, boxes and labels, and with nothing else', () => {
    const all = [set(0, 1), set(1, 1), set(0, 1.5), set(0, 1, 9)].map(annotatedFingerprint);
    expect(new Set(all).size).toBe(4);
    expect(annotatedFingerprint(set(0, 1))).toBe(all[0]);
    expect(annotatedFingerprint(undefined)).toBe('none');
  });

  it('tell sets of images apart', () => {
    const part = (value: number) => ({ pixels: new Uint8Array(300).fill(value), labels: new Uint8Array(1), count: 1 });
    const images = (value: number) => ({
      ...{ id: 'own', channels: 3 as const, size: 10, classes: [] },
      ...{ train: part(value), test: part(0) },
    });
    expect(imageFingerprint(images(1))).not.toBe(imageFingerprint(images(2)));
    expect(imageFingerprint(undefined)).toBe('none');
  });
});
