import { describe, expect, it } from 'vitest';
import { DEVICE_CLASSES, goldenFailures } from '../../../tests/helpers/deviceClasses';

describe.each(DEVICE_CLASSES)('normalisation with the kernels for a %s device', (deviceClass) => {
  it.each(['channelStatistics', 'batchNorm', 'groupNorm', 'groupNormWhole', 'runningStatistics'])(
    'agrees with the oracle: %s',
    async (op) => {
      expect(await goldenFailures(op, deviceClass)).toEqual([]);
    },
  );
});
