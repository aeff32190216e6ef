import { expect, it } from 'vitest';
import { labDefaults } from '../../../train/lab';
import { meta } from '../meta';
import { NOTHING_HIDDEN, remark } from './remark';

it('tells of a mask that hides nothing, and of no other', () => {
  const config = labDefaults(meta);
  expect(remark(config)).toBeUndefined();
  expect(remark({ ...config, mask: 0 })).toBe(NOTHING_HIDDEN);
  expect(remark({ ...config, mask: 0, shape: 'drawn' })).toBeUndefined();
  expect(remark({ ...config, shape: 'drawn', drawn: '0' })).toBe(NOTHING_HIDDEN);
});
