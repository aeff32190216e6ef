import { describe, expect, it } from 'vitest';
import { philox, philoxNormals, philoxUniforms, type Words } from './philox';

const hex = (w: Words) => w.map((x) => x.toString(16).padStart(8, '0')).join(' ');

describe('Philox 4x32-10', () => {
  it('gives the known answers of Random123', () => {
    expect(hex(philox([0, 0, 0, 0], [0, 0]))).toBe('6627e8d5 e169c58d bc57ac4c 9b00dbd8');
    const ff = 0xffffffff;
    expect(hex(philox([ff, ff, ff, ff], [ff, ff]))).toBe('408f276d 41c83b0e a20bc7c6 6d5451fd');
    const pi: Words = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344];
    expect(hex(philox(pi, [0xa4093822, 0x299f31d0]))).toBe('d16cfe09 94fdcceb 5001e420 24126ea1');
  });

  it('gives uniforms and normals with the right moments', () => {
    const u = philoxUniforms(20001, 7, 'moments');
    expect(u.length).toBe(20001);
    expect(u.every((x) => x >= 0 && x < 1)).toBe(true);
    expect(u.reduce((a, b) => a + b, 0) / u.length).toBeCloseTo(0.5, 1);
    const z = philoxNormals(20001, 7, 'moments');
    expect(Math.abs(z.reduce((a, b) => a + b, 0) / z.length)).toBeLessThan(0.03);
    expect(z.reduce((a, b) => a + b * b, 0) / z.length).toBeCloseTo(1, 1);
  });
});
