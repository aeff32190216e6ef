import { describe, expect, it } from 'vitest';
import { testRuntime } from '../../../tests/helpers/gpu';
import { compile } from '../plan';
import { hostShiftFlip } from '../reference/images';
import { constant } from '../state';
import { shiftFlip } from './shiftFlip';

const SEED = 11;
const STEP = 3;

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
    expect(await plan.read('moved')).toEqual(
      hostShiftFlip(images, [B, C, S], { shift, flip, stream: 'test shift' }, SEED, STEP),
    );
    plan.dispose();
  });

  it('names a shift that is no whole number', () => {
    const chance = { seed: constant(1, [], 'u32'), step: constant(1, [], 'u32') };
    const images = constant([1, 2, 3, 4], [1, 1, 2, 2]);
    expect(() => shiftFlip(images, chance, { shift: 0.5, flip: false, stream: 's' })).toThrow(/0\.5 pixels/);
  });
});
