import { describe, expect, it } from 'vitest';
import { patchesOf, pixelsOf, standardised } from './pixels';

const GRID = { channels: 3, size: 4, patch: 2 };
const SCALE = { mean: [0.1, 0.5, 0.3], deviation: [0.5, 0.25, 2] };
const bytes = Uint8Array.from({ length: 2 * 3 * 16 }, (_, i) => (i * 37) % 256);
const images = standardised(bytes, GRID, SCALE);

describe('pixels of a masked autoencoder', () => {
  it('are standardised by their channel', () => {
    expect(images[0]).toBeCloseTo((0 - 0.1) / 0.5);
    expect(images[16 + 3]).toBeCloseTo(((((16 + 3) * 37) % 256) / 255 - 0.5) / 0.25);
  });

  it('patches run by row, column, then channel', () => {
    const patches = patchesOf(images, GRID);
    // Patch 3 of image 1, pixel (1, 0), channel 2: row 3, column 2 of that plane.
    expect(patches[((1 * 4 + 3) * 4 + 2) * 3 + 2]).toBe(images[((1 * 3 + 2) * 4 + 3) * 4 + 2]);
  });

  it('a perfect prediction gives the picture back, with either target', () => {
    const patches = patchesOf(images, GRID);
    const want = Float32Array.from(bytes, (b) => b / 255);
    const plain = pixelsOf(patches, images, GRID, SCALE);
    plain.forEach((value, i) => expect(value).toBeCloseTo(want[i] ?? NaN, 5));
    const normalised = Float32Array.from(patches);
    for (let first = 0; first < patches.length; first += 12) {
      const part = patches.subarray(first, first + 12);
      const mean = part.reduce((a, b) => a + b, 0) / 12;
      const deviation = Math.sqrt(part.reduce((a, b) => a + (b - mean) ** 2, 0) / 11 + 0.01);
      part.forEach((value, k) => (normalised[first + k] = (value - mean) / deviation));
    }
    const back = pixelsOf(normalised, images, GRID, SCALE, 0.01);
    back.forEach((value, i) => expect(value).toBeCloseTo(want[i] ?? NaN, 5));
  });
});
