/** The nearest training sample of a sample: what a model that remembers would have copied. */
import type { PointSample } from '../../train/evaluation/slicedWasserstein';
import type { DiffusionData } from './data/data';

/** Training samples that are looked through. */
const SEARCHED = 4000;

export interface Nearest {
  /** Number of the training sample. */
  readonly index: number;
  /** Root mean square over the sample's numbers, in the data's unit. */
  readonly distance: number;
}

/** Of each of the samples, the nearest of the first 4000 training samples. */
export function nearestTraining(data: DiffusionData, { points, count, width }: PointSample): Nearest[] {
  const { numbers, scale, shift, total } = trainingNumbers(data);
  const searched = Math.min(SEARCHED, total);
  return Array.from({ length: count }, (_, i) => {
    // In the unit of the training numbers, so that bytes need not be unpacked.
    const wanted = points.slice(i * width, (i + 1) * width).map((x) => (x - shift) / scale);
    let [index, best] = [0, Infinity];
    for (let n = 0; n < searched; n++) {
      let square = 0;
      for (let k = 0; k < width && square < best; k++)
        square += ((numbers[n * width + k] ?? 0) - (wanted[k] ?? 0)) ** 2;
      if (square < best) [index, best] = [n, square];
    }
    return { index, distance: scale * Math.sqrt(best / width) };
  });
}

function trainingNumbers(data: DiffusionData) {
  if (data.kind === 'plane') return { numbers: data.train, scale: 1, shift: 0, total: data.train.length / 2 };
  return { numbers: data.set.train.pixels, scale: 1 / 127.5, shift: -1, total: data.set.train.count };
}

export function meanNearest(data: DiffusionData, samples: PointSample): number {
  return nearestTraining(data, samples).reduce((sum, { distance }) => sum + distance / samples.count, 0);
}
