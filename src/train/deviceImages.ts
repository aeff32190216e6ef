import type { ImageSet, ImageSplit } from '../data/imageSet';
import { State } from '../engine/state';

/** One split of an image set as states: bytes packed four to a u32, little end first. */
export interface DeviceSplit {
  readonly pixels: State;
  readonly labels: State;
  readonly count: number;
}

const packed = new WeakMap<ImageSplit, DeviceSplit>();

function words(bytes: Uint8Array): Uint32Array {
  const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  padded.set(bytes);
  return new Uint32Array(padded.buffer);
}

/** The split's states, made once for each set; the device's copies go with the last plan that reads them. */
export function deviceSplit(set: ImageSet, which: 'train' | 'test'): DeviceSplit {
  const split = set[which];
  const known = packed.get(split);
  if (known) return known;
  const [pixels, labels] = [words(split.pixels), words(split.labels)];
  const made = {
    pixels: new State(`${set.id} ${which} pixels`, [pixels.length], 'u32', pixels, 'constant'),
    labels: new State(`${set.id} ${which} labels`, [labels.length], 'u32', labels, 'constant'),
    count: split.count,
  };
  packed.set(split, made);
  return made;
}

export interface ChannelStatistics {
  readonly mean: number[];
  readonly deviation: number[];
}

const measured = new WeakMap<ImageSplit, ChannelStatistics>();

/** Mean and deviation of each channel over the training pixels, in units of 0…1; a flat channel has deviation 1. Measured once for each set. */
export function channelStatistics(set: ImageSet): ChannelStatistics {
  const known = measured.get(set.train) ?? measureChannels(set);
  measured.set(set.train, known);
  return known;
}

function measureChannels(set: ImageSet): ChannelStatistics {
  const plane = set.size * set.size;
  const mean: number[] = [];
  const deviation: number[] = [];
  for (let c = 0; c < set.channels; c++) {
    let sum = 0;
    let squares = 0;
    for (let n = 0; n < set.train.count; n++) {
      const start = (n * set.channels + c) * plane;
      for (let i = start; i < start + plane; i++) {
        const v = (set.train.pixels[i] ?? 0) / 255;
        sum += v;
        squares += v * v;
      }
    }
    const count = set.train.count * plane;
    const m = sum / count;
    mean.push(m);
    deviation.push(Math.sqrt(Math.max(0, squares / count - m * m)) || 1);
  }
  return { mean, deviation };
}
