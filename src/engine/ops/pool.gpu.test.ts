import { describe, expect, it } from 'vitest';
import { DEVICE_CLASSES, goldenFailures } from '../../../tests/helpers/deviceClasses';

describe.each(DEVICE_CLASSES)('pooling with the kernels for a %s device', (deviceClass) => {
  it.each(['maxPool', 'averagePool'])('agrees with the oracle: %s', async (op) => {
    expect(await goldenFailures(op, deviceClass)).toEqual([]);
  });
});
