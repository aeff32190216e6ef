import { describe, expect, it } from 'vitest';
import { heatColour, signedColour, signedPixels } from './pointColours';

const light = (colour: readonly number[]) => colour.reduce((a, b) => a + b) / 3;

describe('colours of numbers', () => {
  it('grow brighter with heat and stay in range', () => {
    const shades = [-1, 0, 0.2, 0.4, 0.6, 0.8, 1, 2].map((x) => light(heatColour(x)));
    expect(shades.toSorted((a, b) => a - b)).toEqual(shades);
    expect(shades[0]).toBe(shades[1]);
  });

  it('tell signs apart, with a neutral middle', () => {
    const [low, middle, high] = [-1, 0, 1].map(signedColour);
    expect(Math.max(...(middle ?? [])) - Math.min(...(middle ?? []))).toBe(0);
    expect(low?.[2]).toBeGreaterThan(low?.[0] ?? NaN);
    expect(high?.[0]).toBeGreaterThan(high?.[2] ?? NaN);
    expect(signedColour(-7)).toEqual(signedColour(-1));
  });

  it('paint one channel in the diverging map, on one scale for all pictures', () => {
    const pixels = signedPixels([0, -2, 1, 2], 2, 1);
    expect(pixels).toHaveLength(12);
    const pixel = (n: number, i: number) => [0, 1, 2].map((c) => pixels[(3 * n + c) * 2 + i]);
    for (const [n, i, value] of [
      [0, 0, 0],
      [0, 1, -1],
      [1, 0, 0.5],
      [1, 1, 1],
    ] as const)
      expect(pixel(n, i)).toEqual(signedColour(value).map(Math.fround));
  });

  it('leave colours about middle grey', () => {
    expect(Array.from(signedPixels([0, 1, -1], 1, 3))).toEqual([0.5, 1, 0]);
  });
});
