import { describe, expect, it } from 'vitest';
import { testRuntime } from '../../../tests/helpers/gpu';
import { philoxUniforms } from '../philox';
import { compile } from '../plan';
import { constant } from '../state';
import { shiftFlip } from './shiftFlip';

const SEED = 11;
const STEP = 3;

/** The same as the kernel, as a plain loop over the published random numbers. */
function oracle(images: Float32Array, [B, C, S]: readonly [number, number, number], shift: number, flip: boolean) {
  const chance = philoxUniforms(4 * B, SEED, 'test shift', STEP);
  const clamp = (v: number) => Math.min(S - 1, Math.max(0, v));
  return images.map((_, i) => {
    const b = Math.floor(i / (C * S * S));
    const [u = 0, v = 0, w = 0] = chance.subarray(4 * b);
    const [dx, dy] = [Math.floor(u * (2 * shift + 1)) - shift, Math.floor(v * (2 * shift + 1)) - shift];
    const [x, y] = [i % S, Math.floor(i / S) % S];
    const from = clamp((flip && w < 0.5 ? S - 1 - x : x) + dx);
    return images[Math.floor(i / (S * S)) * S * S + clamp(y + dy) * S + from] ?? NaN;
  });
}

describe('shiftFlip', () => {
  it.each([
    [[1, 1, 1], 1, true],
    [[7, 3, 5], 2, true],
    [[13, 1, 7], 3, false],
    [[5, 2, 28], 0, true],
  ] as const)('moves and mirrors images %j by %i, flip %s', async ([B, C, S], shift, flip) => {
    const images = Float32Array.from({ length: B * C * S * S }, (_, i) => i);
    const chance = { seed: constant(SEED, [], 'u32'), step: constant(STEP, [], 'u32') };
    const moved = shiftFlip(constant(images, [B, C, S, S]), chance, { shift, flip, stream: 'test shift' });
    const plan = await compile(await testRuntime(), { outputs: { moved }, poison: true });
    plan.run();
    expect(await plan.read('moved')).toEqual(oracle(images, [B, C, S], shift, flip));
    plan.dispose();
  });

  it('names a shift that is no whole number', () => {
    const chance = { seed: constant(1, [], 'u32'), step: constant(1, [], 'u32') };
    const images = constant([1, 2, 3, 4], [1, 1, 2, 2]);
    expect(() => shiftFlip(images, chance, { shift: 0.5, flip: false, stream: 's' })).toThrow(/0\.5 pixels/);
  });
});
