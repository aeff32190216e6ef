import { describe, expect, it } from 'vitest';
import { compute } from '../../../tests/helpers/compute';
import { DEVICE_CLASSES, goldenFailures } from '../../../tests/helpers/deviceClasses';
import { constant } from '../state';
import { anchorMatch } from './anchorMatch';
import { nms } from './nms';
import { full } from './pointwise';

const TIMEOUT = 200_000;

describe.each(DEVICE_CLASSES)('boxes with the kernels for a %s device', (deviceClass) => {
  it.each(['nms', 'anchorMatch', 'encodeBoxes', 'decodeBoxes'])(
    'agrees with the oracle: %s',
    async (op) => {
      expect(await goldenFailures(op, deviceClass)).toEqual([]);
    },
    TIMEOUT,
  );
});

describe('non-maximum suppression', () => {
  it('sorts by score itself, equal scores by index', async () => {
    const boxes = constant(Float32Array.from([0, 0, 2, 2, 5, 5, 7, 7, 5, 5, 7, 7, 9, 9, 10, 10]), [1, 4, 4]);
    const scores = constant(Float32Array.from([0.1, 0.5, 0.5, 0.9]), [1, 4]);
    const { indices, count } = nms(boxes, scores, { overlap: 0.5, most: 5 });
    const found = await compute({ indices, count });
    expect(Array.from(found.indices)).toEqual([3, 1, 0, 4, 4]);
    expect(Array.from(found.count)).toEqual([3]);
  });

  it('says what does not fit', () => {
    expect(() => nms(full([1, 3, 4], 0), full([1, 2], 0), { overlap: 0.5, most: 1 })).toThrow(/\[B, N\]/);
    expect(() => nms(full([1, 3, 4], 0), full([1, 3], 0), { overlap: 0.5, most: 0 })).toThrow(/0 to keep/);
    const counts = constant(Uint32Array.from([1]), [1], 'u32');
    expect(() => anchorMatch(full([3, 4], 0), full([1, 2, 4], 0), counts, { negative: 0.8 })).toThrow(/must not fall/);
  });
});
