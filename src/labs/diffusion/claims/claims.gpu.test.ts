import { describe, expect, it } from 'vitest';
import { testRuntime } from '../../../../tests/helpers/gpu';
import type { DataSource } from '../../../train/dataSource';
import type { MeasureProgress } from '../../../train/protocol';
import { runClaim } from '../../../train/claim';
import { claims } from '../claims';
import { meta } from '../meta';

const source: DataSource = {
  read: (path) => Promise.reject(new Error(`no file is read: ${path}`)),
  ownImages: () => Promise.resolve(undefined),
};

describe('claims of the diffusion lab', () => {
  it('are those of meta.ts in its order', () => {
    expect(claims.map((claim) => claim.id)).toEqual(meta.claims.map((claim) => claim.id));
  });

  it('run to their end: the frameworks coincide with 64 points', async () => {
    const seen: MeasureProgress[] = [];
    const request = { runtime: await testRuntime(), source, steps: 64 };
    const forever = new AbortController().signal;
    const result = await runClaim(claims, 'frameworks-coincide', request, (p) => seen.push(p), forever);
    expect(result.verdict).toBe('holds');
    expect(Object.values(result.figures).every(Number.isFinite)).toBe(true);
    expect(result.figures['ddimEulerFarthest']).toBeLessThan(1e-4);
    expect(result.figures['heunDistance']).toBeGreaterThan(1e-2);
    expect(result.chart.series.some((s) => s.points.length > 1)).toBe(true);
    expect(result.summary.en).not.toContain('Not so');
    expect(result.summary.zh.length).toBeGreaterThan(0);
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.every(({ done, total }) => done >= 0 && done <= total)).toBe(true);
  });

  it('stop at the signal', async () => {
    const stop = new AbortController();
    stop.abort(new Error('stopped'));
    const request = { runtime: await testRuntime(), source, steps: 64 };
    await expect(runClaim(claims, 'rho', request, () => undefined, stop.signal)).rejects.toThrow('stopped');
  });
});
