import { expect, it } from 'vitest';
import { testRuntime } from '../../../../tests/helpers/gpu';
import { runClaim } from '../../../train/claim';
import type { DataSource } from '../../../train/dataSource';
import type { MeasureProgress } from '../../../train/protocol';
import { claims } from '../claims';
import { meta } from '../meta';

const source: DataSource = {
  read: (path) => Promise.reject(new Error(`no file is read: ${path}`)),
  ownImages: () => Promise.resolve(undefined),
};

it('every sentence has its experiment, in the same order', () => {
  expect(claims.map((c) => c.id)).toEqual(meta.claims.map((c) => c.id));
});

it('exactness holds on this device', async () => {
  const seen: MeasureProgress[] = [];
  const request = { runtime: await testRuntime(), source, steps: 1 };
  const result = await runClaim(claims, 'exact', request, (p) => seen.push(p), new AbortController().signal);
  expect(result.verdict).toBe('holds');
  expect(result.figures['zero']).toBeLessThan(1e-5);
  expect(seen.every(({ done, total }) => done >= 0 && done <= total)).toBe(true);
});
