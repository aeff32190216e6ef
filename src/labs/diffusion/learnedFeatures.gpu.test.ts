import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { testRuntime } from '../../../tests/helpers/gpu';
import { loadImageSet } from '../../data/load';
import { loadModel } from '../../models/card';
import { energyDistance } from '../../train/evaluation/energyDistance';
import { featureModel } from './featureModel';
import { LearnedFeatures, resized } from './learnedFeatures';

const read = async (path: string) => new Uint8Array(await readFile(`public/${path}`)).buffer;

describe('features of a shipped network', () => {
  it('tell held-out pictures from the same with their pixels in another order, which have the same brightness', async () => {
    const set = await loadImageSet('fashion', read);
    const { bytes } = await loadModel(featureModel(1), read);
    const features = await LearnedFeatures.open(await testRuntime(), bytes);
    const [count, width] = [40, 28 * 28];
    const some = (first: number) =>
      Float32Array.from(set.test.pixels.subarray(first * width, (first + count) * width), (b) => b / 127.5 - 1);
    const of = (points: Float32Array) => features.of({ points, count, width }, 28);
    const [real, other] = [await of(some(0)), await of(some(count))];
    expect(real.points.length).toBe(count * real.width);
    const stirred = some(0).map((_, i, all) => all[Math.floor(i / width) * width + ((i * 157) % width)] ?? 0);
    const [same, different] = [energyDistance(real, other), energyDistance(real, await of(stirred))];
    expect(different).toBeGreaterThan(0.05);
    expect(Math.abs(same)).toBeLessThan(different / 5);
    features.dispose();
  });
});

describe('resized', () => {
  it('keeps the mean, and what is even', () => {
    const planes = Float32Array.from({ length: 2 * 49 }, (_, i) => (i < 49 ? i : 3));
    const small = resized(planes, 2, 7, 3);
    expect(small.length).toBe(18);
    const mean = (x: Float32Array) => x.reduce((a, b) => a + b, 0) / x.length;
    expect(mean(small.subarray(0, 9))).toBeCloseTo(24, 4);
    expect(Array.from(small.subarray(9))).toEqual(Array.from({ length: 9 }, () => 3));
  });
});
