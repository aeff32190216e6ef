import { describe, expect, it } from 'vitest';
import { layerRate } from './classifier';

describe('layer-wise decay of the learning rate', () => {
  it('is as published for four blocks at 0.65', () => {
    const rates = [
      'patchEmbed.weight',
      'encoder.0.fc1.weight',
      'encoder.1.qkv.bias',
      'encoder.2.norm1.scale',
      'encoder.3.fc2.bias',
      'head.weight',
    ];
    const want = [0.1160290625, 0.17850625, 0.274625, 0.4225, 0.65, 1];
    rates.forEach((name, i) => expect(layerRate(name, 4, 0.65)).toBeCloseTo(want[i] ?? NaN, 10));
  });

  it('leaves the last norm alone, and puts the class token with the patches', () => {
    expect(layerRate('encoder.norm.scale', 4, 0.5)).toBe(1);
    expect(layerRate('classToken', 2, 0.5)).toBe(0.125);
  });
});
