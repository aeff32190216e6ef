import { describe, expect, it } from 'vitest';
import { compute } from '../../../tests/helpers/compute';
import { DEVICE_CLASSES, goldenFailures } from '../../../tests/helpers/deviceClasses';
import { gradients } from '../autodiff';
import { philoxNormals, philoxUniforms } from '../philox';
import { constant } from '../state';
import { gatherRows } from './gather';
import { inverseLists } from './inverseLists';
import { mul } from './pointwise';
import { sum } from './reduce';

/** Indices below `rows`, crowded towards the low ones, with one row named by a third of all picks. */
function crowdedIndices(count: number, rows: number): Uint32Array {
  return Uint32Array.from(philoxUniforms(count, 4, 'rows'), (u, i) => (i % 3 === 0 ? 0 : Math.floor(u * u * rows)));
}

describe.each(DEVICE_CLASSES)('gathers with the kernels of class %s', (deviceClass) => {
  it.each(['gatherRows', 'inverseLists', 'interpolate'])('%s: golden cases', async (op) => {
    expect(await goldenFailures(op, deviceClass)).toEqual([]);
  });

  it.each([
    [2, 1024, 65536, 3],
    [3, 131, 521, 5],
    [1, 65536, 1031, 2],
  ])('the gradient of %i clouds of %i rows by %i picks of width %i adds up in order', async (B, N, K, D) => {
    const indices = crowdedIndices(B * K, N);
    const g = philoxNormals(B * K * D, 4, 'cotangent');
    const source = constant(new Float32Array(B * N * D), [B, N, D]);
    const picked = gatherRows(source, constant(indices, [B, K], 'u32'));
    const [gradient] = gradients(sum(mul(picked, constant(g, [B, K, D]))), [source]);
    if (!gradient) throw new Error('no gradient');
    const want = new Float32Array(B * N * D);
    indices.forEach((row, pick) => {
      const to = (Math.floor(pick / K) * N + row) * D;
      for (let d = 0; d < D; d++) want[to + d] = (want[to + d] ?? 0) + (g[pick * D + d] ?? 0);
    });
    // Float32 sums in the order of the picks: the same bits.
    expect(Array.from((await compute({ gradient }, deviceClass)).gradient)).toEqual(Array.from(want));
  });

  it('a shared table with many picks', async () => {
    const [N, K, D] = [1009, 3000, 4];
    const indices = crowdedIndices(K, N + 5);
    const g = philoxNormals(K * D, 5, 'cotangent');
    const table = constant(new Float32Array(N * D), [N, D]);
    const picked = gatherRows(table, constant(indices, [3, 10, 100], 'u32'));
    const [gradient] = gradients(sum(mul(picked, constant(g, [3, 10, 100, D]))), [table]);
    if (!gradient) throw new Error('no gradient');
    const want = new Float32Array(N * D);
    indices.forEach((row, pick) => {
      for (let d = 0; d < D && row < N; d++) want[row * D + d] = (want[row * D + d] ?? 0) + (g[pick * D + d] ?? 0);
    });
    expect(Array.from((await compute({ gradient }, deviceClass)).gradient)).toEqual(Array.from(want));
  });

  it('lists of 200,003 picks', async () => {
    const [K, rows] = [200_003, 65536];
    const indices = crowdedIndices(K, rows);
    const { order, starts } = await compute(inverseLists(constant(indices, [1, K], 'u32'), rows), deviceClass);
    const counts = new Uint32Array(rows + 1);
    indices.forEach((row) => (counts[row + 1] = (counts[row + 1] ?? 0) + 1));
    for (let r = 0; r < rows; r++) counts[r + 1] = (counts[r + 1] ?? 0) + (counts[r] ?? 0);
    expect(Buffer.compare(Buffer.from(starts.buffer), Buffer.from(counts.buffer))).toBe(0);
    const next = counts.slice();
    const want = new Uint32Array(K);
    indices.forEach((row, pick) => {
      const place = next[row] ?? 0;
      want[place] = pick;
      next[row] = place + 1;
    });
    expect(Buffer.compare(Buffer.from(order.buffer), Buffer.from(want.buffer))).toBe(0);
  });
});

describe('grouping', () => {
  it('takes [B, S, K] indices of points [B, N, D]', async () => {
    const points = constant([0, 1, 2, 10, 11, 12], [2, 3, 1]);
    const grouped = gatherRows(points, constant([2, 0, 0, 0, 1, 1, 2, 9], [2, 2, 2], 'u32'));
    expect(grouped.shape).toEqual([2, 2, 2, 1]);
    expect(Array.from((await compute({ grouped })).grouped)).toEqual([2, 0, 0, 0, 11, 11, 12, 0]);
  });
});
