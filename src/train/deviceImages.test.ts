import { describe, expect, it } from 'vitest';
import type { ImageSet } from '../data/imageSet';
import { channelStatistics } from './deviceImages';

const set = (pixels: readonly number[], channels: number): ImageSet => ({
  id: 'test',
  channels,
  size: 2,
  classes: [],
  train: { pixels: Uint8Array.from(pixels), labels: new Uint8Array(1), count: 1 },
  test: { pixels: new Uint8Array(4 * channels), labels: new Uint8Array(1), count: 1 },
});

describe('statistics of the channels', () => {
  it('are mean and deviation in units of 0…1, and 1 for a flat channel', () => {
    const { mean, deviation } = channelStatistics(set([0, 255, 0, 255, 51, 51, 51, 51], 2));
    expect(mean[0]).toBeCloseTo(0.5, 12);
    expect(deviation[0]).toBeCloseTo(0.5, 12);
    expect(mean[1]).toBeCloseTo(0.2, 12);
    expect(deviation[1]).toBe(1);
  });

  it('are measured once for a set, and for each set by itself', () => {
    const first = set([0, 0, 255, 255], 1);
    expect(channelStatistics(first)).toBe(channelStatistics(first));
    expect(channelStatistics(set([0, 0, 0, 255], 1)).mean[0]).toBeCloseTo(0.25, 12);
  });
});
