import { describe, expect, it } from 'vitest';
import { testRuntime } from '../../../tests/helpers/gpu';
import { philoxUniforms } from '../../engine/philox';
import type { ImageSet, ImageSplit } from '../../data/imageSet';
import { fineTune, type FineTuneProgress, type FineTuneRequest } from './fineTuning';
import type { MaeShape } from './mae';

const SHAPE: MaeShape = {
  channels: 1,
  size: 8,
  patch: 4,
  width: 32,
  depth: 1,
  heads: 2,
  decoderWidth: 16,
  decoderDepth: 1,
  decoderHeads: 2,
  classToken: true,
  symmetric: false,
};

/** Noise with a bright quarter: the class is which one. */
function split(count: number, seed: number): ImageSplit {
  const noise = philoxUniforms(count * 64, seed, 'quarters');
  const labels = Uint8Array.from({ length: count }, (_, n) => n % 4);
  const pixels = Uint8Array.from(noise, (u, i) => {
    const [x, y] = [i % 8, Math.floor(i / 8) % 8];
    const quarter = (x < 4 ? 0 : 1) + (y < 4 ? 0 : 2);
    return u * 30 + (quarter === labels[Math.floor(i / 64)] ? 190 : 0);
  });
  return { pixels, labels, count };
}

const name = (text: string) => ({ en: text, zh: text });
const EASY: ImageSet = {
  id: 'digits',
  channels: 1,
  size: 8,
  classes: ['a', 'b', 'c', 'd'].map(name),
  train: split(80, 1),
  test: split(100, 2),
};

async function request(changes: Partial<FineTuneRequest> = {}): Promise<FineTuneRequest> {
  const runtime = await testRuntime();
  return {
    runtime,
    data: EASY,
    shape: SHAPE,
    parameters: new Map(),
    labelsPerClass: 10,
    steps: 80,
    seed: 1,
    ...changes,
  };
}

/** Starting weights of an encoder of this shape, by name: a stand-in for pre-trained ones. */
async function encoderWeights(seed: number) {
  const { ParameterSet } = await import('../../nn/parameters');
  const { classify } = await import('./classifier');
  const { full } = await import('../../engine/ops/pointwise');
  const set = new ParameterSet(seed);
  classify(set, SHAPE, full([1, 4, 16], 0), 4);
  return set.split(set.initialValues());
}

const forever = new AbortController().signal;

describe('fine-tuning', () => {
  it('learns an easy set well above chance on both sides', async () => {
    const seen: FineTuneProgress[] = [];
    const result = await fineTune(await request({ parameters: await encoderWeights(5) }), (p) => seen.push(p), forever);
    for (const side of ['pretrained', 'scratch'] as const) {
      const [step = 0, accuracy = 0] = result[side].at(-1) ?? [];
      expect(step).toBe(80);
      expect(accuracy).toBeGreaterThan(0.5);
    }
    expect(seen.at(-1)).toEqual({ done: 160, total: 160, curves: result });
  });

  it('starts the pre-trained side, and it alone, from the given weights; the other repeats bit for bit', async () => {
    const weights = await encoderWeights(5);
    const sound = await fineTune(await request({ parameters: weights, steps: 8 }), () => undefined, forever);
    weights.get('encoder.norm.scale')?.data.fill(NaN);
    const spoilt = await fineTune(await request({ parameters: weights, steps: 8 }), () => undefined, forever);
    expect(spoilt.scratch).toEqual(sound.scratch);
    // Not a number for every class: the first class is taken for the answer.
    expect(spoilt.pretrained.map(([, accuracy]) => accuracy)).toEqual([0.25, 0.25, 0.25, 0.25]);
    expect(sound.pretrained).not.toEqual(spoilt.pretrained);
  });

  it('stops soon after it is told to', async () => {
    const stop = new AbortController();
    const steps: number[] = [];
    const asked = await request({ parameters: await encoderWeights(1), steps: 4000 });
    const running = fineTune(
      asked,
      ({ done }) => {
        steps.push(done);
        if (done > 2) stop.abort();
      },
      stop.signal,
    );
    await expect(running).rejects.toThrow(/abort/i);
    expect(Math.max(...steps)).toBeLessThan(1000);
  });

  it('names data without labels, and weights that do not fit', async () => {
    const asked = await request();
    const unlabelled = { ...EASY, id: 'own', classes: [] };
    await expect(fineTune({ ...asked, data: unlabelled }, () => undefined, forever)).rejects.toThrow(
      /"own".*no labels/,
    );
    await expect(fineTune(asked, () => undefined, forever)).rejects.toThrow(
      /no "patchEmbed\.weight" of shape \[16, 32\]/,
    );
  });
});
