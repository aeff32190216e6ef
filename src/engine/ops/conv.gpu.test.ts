import { describe, expect, it } from 'vitest';
import { DEVICE_CLASSES, goldenFailures } from '../../../tests/helpers/deviceClasses';

/** Many pipelines, which software adapters compile slowly when the machine is busy. */
const TIMEOUT = 400_000;

describe.each(DEVICE_CLASSES)('convolution with the kernels for a %s device', (deviceClass) => {
  it.each(['conv', 'convTranspose'])(
    'agrees with the oracle: %s',
    async (op) => {
      expect(await goldenFailures(op, deviceClass)).toEqual([]);
    },
    TIMEOUT,
  );
});
