import { defineOp } from '../op';
import { sameShape, ShapeError } from '../tensor';
import { lineGrid } from './grid';

interface RunningAttrs {
  /** Part of the batch's statistics in the new ones. */
  readonly momentum: number;
  /** Elements of a channel in the batch. */
  readonly count: number;
}

/** Changes runningMean and runningVariance [C] (states) in place, from the batch's mean and variance [C]. */
export const runningStatisticsOp = defineOp<RunningAttrs>({
  name: 'runningStatistics',
  mutates: [0, 1],
  infer: (inputs, { momentum }) => {
    const [first] = inputs;
    if (!first || inputs.length !== 4 || !inputs.every((t) => sameShape(t.shape, first.shape))) {
      throw new ShapeError('runningStatistics', 'takes running mean and variance, mean and variance, all [C]', inputs);
    }
    if (!(momentum >= 0 && momentum <= 1)) {
      throw new ShapeError('runningStatistics', `momentum is ${momentum}; use 0 to 1`, inputs);
    }
    return [];
  },
  kernels: ({ inputs: [runningMean, runningVariance, mean, variance], attrs: { momentum, count: n } }) => {
    if (!runningMean || !runningVariance || !mean || !variance) return [];
    const { workgroups, count, width } = lineGrid(mean.size);
    return [
      {
        shader: 'runningStatistics',
        entry: 'main',
        // A single element has no variance: it counts as it is.
        uniform: { count, width, momentum, unbiased: n > 1 ? n / (n - 1) : 1 },
        bindings: { runningMean, runningVariance, mean, variance },
        workgroups,
      },
    ];
  },
});
