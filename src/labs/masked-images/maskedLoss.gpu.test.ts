// The loss at the ends of the mask ratio: what training computes from the visible patches only against the page's own way through the
// model, which carries all patches and hides some from attention.
import { describe, expect, it } from 'vitest';
import { testRuntime } from '../../../tests/helpers/gpu';
import { argsort } from '../../engine/ops/argsort';
import { compile } from '../../engine/plan';
import { constant } from '../../engine/state';
import { philoxNormals, philoxUniforms } from '../../engine/philox';
import { ParameterSet } from '../../nn/parameters';
import { Trainer } from '../../train/trainer';
import { decodeShown, encodeShown } from './look';
import { maskFromRanks, patchCount, patchLength, patchTarget, visibleCount, type MaeShape } from './mae';
import { TARGET_EPSILON, type MaeSettings } from './settings';
import { trainingLoss } from './training';

const SHAPE: MaeShape = {
  ...{ channels: 1, size: 20, patch: 4, width: 16, depth: 1, heads: 2 },
  ...{ decoderWidth: 16, decoderDepth: 1, decoderHeads: 2, classToken: true, symmetric: false },
};
const BATCH = 3;
const OPTIMISER = { learningRate: 0.01, weightDecay: 0, warmup: 1, total: 10, clip: 1, averageDecay: 0, seed: 1 };

/** Loss, its own gradient's norm, and the loss on the host from the page's reconstruction. */
async function losses(symmetric: boolean, maskRatio: number) {
  const runtime = await testRuntime();
  const shape = { ...SHAPE, symmetric };
  const [count, length] = [patchCount(shape), patchLength(shape)];
  const settings: MaeSettings = {
    ...{ ...OPTIMISER, shape, maskRatio, maskShape: 'random', drawn: undefined, normalisedTarget: true },
    ...{ batch: BATCH, steps: 10, precision: 'f32' },
  };
  const patches = constant(philoxNormals(BATCH * count * length, 1, 'patches'), [BATCH, count, length]);
  const keys = constant(philoxUniforms(BATCH * count, 1, 'keys'), [BATCH, count]);
  const visible = visibleCount(count, maskRatio);
  const parameters = new ParameterSet(1);
  const trainer = new Trainer(runtime, parameters, OPTIMISER);
  const loss = trainingLoss(parameters, settings, { patches, keys }, visible);
  const mask = maskFromRanks(argsort(keys).ranks, visible);
  const source = parameters.existing();
  const look = await compile(runtime, {
    outputs: {
      mask,
      predicted: decodeShown(source, shape, encodeShown(source, shape, patches, mask), mask),
      target: patchTarget(patches, true, TARGET_EPSILON),
    },
    poison: true,
  });
  look.run();
  const [hidden, predicted, target] = [
    await look.read('mask'),
    await look.read('predicted'),
    await look.read('target'),
  ];
  const errors = Array.from(
    predicted,
    (v, i) => (hidden[Math.floor(i / length)] ?? NaN) * (v - (target[i] ?? NaN)) ** 2,
  );
  const removed = Array.from(hidden).reduce((a, b) => a + b, 0);
  const plan = await trainer.compile(loss);
  plan.run();
  const [recorded = NaN, , norm = NaN] = await trainer.readHistory(0, 1);
  const { parameters: after } = await trainer.snapshot();
  const finite = [...after.values()].every(({ data }) => data.every(Number.isFinite));
  for (const made of [plan, look]) made.dispose();
  trainer.dispose();
  const want = errors.reduce((a, b) => a + b, 0) / Math.max(1, removed * length);
  return { recorded, norm, want, removed, visible, finite };
}

describe.each([
  ['visible patches only', false],
  ['mask tokens in the encoder', true],
])('the loss with %s', (_, symmetric) => {
  it('is exactly 0 with nothing hidden, and so is its gradient', async () => {
    const { recorded, norm, removed, finite } = await losses(symmetric, 0);
    expect({ removed, recorded, norm, finite }).toEqual({ removed: 0, recorded: 0, norm: 0, finite: true });
  });

  it.each([0.5, 0.95])('is the mean over the hidden patches at %d', async (ratio) => {
    const { recorded, norm, want, removed, visible, finite } = await losses(symmetric, ratio);
    expect(removed).toBe(BATCH * (25 - visible));
    expect(visible).toBe(ratio === 0.95 ? 1 : 12);
    expect(want).toBeGreaterThan(0.1);
    expect(Math.abs(recorded / want - 1)).toBeLessThan(1e-4);
    expect(norm).toBeGreaterThan(0);
    expect(finite).toBe(true);
  });
});
