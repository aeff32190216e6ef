import { describe, expect, it } from 'vitest';
import { compute } from '../../../tests/helpers/compute';
import { DEVICE_CLASSES, goldenFailures } from '../../../tests/helpers/deviceClasses';
import { relativeError } from '../goldenCheck';
import { philoxNormals } from '../philox';
import { constant } from '../state';
import { deformPsRoiPool } from './deformPsRoiPool';
import { psRoiPool } from './psRoiPool';
import { full } from './pointwise';
import { mean } from './reduce';
import { roiAlign } from './roiAlign';
import { roiPool } from './roiPool';

const TIMEOUT = 200_000;

describe.each(['roiPool', 'roiAlign', 'psRoiPool', 'deformPsRoiPool'])('%s', (op) => {
  it(
    'agrees with the oracle',
    async () => {
      const [deviceClass = 'software'] = DEVICE_CLASSES;
      expect(await goldenFailures(op, deviceClass)).toEqual([]);
    },
    TIMEOUT,
  );
});

describe('region pooling', () => {
  const x = constant(philoxNormals(2 * 9 * 6 * 7, 1, 'x'), [2, 9, 6, 7]);
  const everywhere = constant(Float32Array.from([0, 0, 0, 27, 23, 1, 0, 0, 27, 23]), [2, 5]);

  it('with one bin over the whole map, the vote is the mean of the map', async () => {
    const found = await compute({
      vote: psRoiPool(x, everywhere, { bins: 1, scale: 0.25 }),
      mean: mean(x, [2, 3]),
    });
    expect(relativeError(found.vote, found.mean)).toBeLessThan(1e-5);
  });

  it('offsets of zero change nothing', async () => {
    const rois = constant(Float32Array.from([0, 2, 3, 15, 20, 1, 5, 1, 26, 9]), [2, 5]);
    const options = { bins: 3, scale: 0.25 };
    const found = await compute({
      plain: deformPsRoiPool(x, rois, options),
      deformable: deformPsRoiPool(x, rois, { ...options, trans: full([2, 2, 3, 3], 0) }),
    });
    expect(Array.from(found.deformable)).toEqual(Array.from(found.plain));
  });

  it('says what does not fit', () => {
    const rois = full([3, 5], 0);
    expect(() => psRoiPool(x, rois, { bins: 2, scale: 1 })).toThrow(/multiple of 4/);
    expect(() => roiPool(x, full([3, 4], 0), { bins: 2, scale: 1 })).toThrow(/\[R, 5\]/);
    expect(() => roiAlign(x, rois, { bins: 0, scale: 1 })).toThrow(/0 bins/);
    const trans = full([3, 3, 3, 3], 0);
    expect(() => deformPsRoiPool(x, rois, { bins: 3, scale: 1, trans })).toThrow(/2·classes/);
  });
});
