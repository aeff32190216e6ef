import { describe, expect, it } from 'vitest';
import { imageInput, regionsFrom } from './detectOnnx';

const array = (shape: readonly number[], data: readonly number[]) => ({ shape, data: Float32Array.from(data) });

describe('a detector from its file', () => {
  it('takes bytes about zero', () => {
    expect(imageInput(Uint8Array.from([0, 255, 51]), 1).data).toEqual(Float32Array.of(-2, 2, (0.2 - 0.5) * 4));
    expect(() => imageInput(new Uint8Array(4), 1)).toThrow(/holds 4 bytes; give planes \[3, 1, 1\]/);
  });

  it('gives regions that are there, and names an output that is missing', () => {
    const out = {
      regions: array([2, 4], [0, 0, 8, 8, 0, 0, 0, 0]),
      probabilities: array([2, 3], [0.25, 0.5, 0.25, 1, 0, 0]),
      boxes: array([2, 4], [1, 1, 7, 7, 0, 0, 0, 0]),
    };
    expect(regionsFrom(out)).toEqual({
      regions: [[0, 0, 8, 8]],
      probabilities: [Float32Array.of(0.25, 0.5, 0.25)],
      boxes: [[1, 1, 7, 7]],
    });
    expect(() => regionsFrom({ regions: out.regions })).toThrow(/no output "probabilities"; it has regions/);
  });
});
