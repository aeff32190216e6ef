import { describe, expect, it } from 'vitest';
import { latticeCloud, plainFarthestPoints } from '../../../bench/plainPoints';
import { compute } from '../../../tests/helpers/compute';
import { philoxUniforms } from '../philox';
import { constant } from '../state';
import { ballQuery } from './ballQuery';
import { farthestPoints } from './farthestPoints';
import { gatherRows } from './gather';
import { max } from './reduce';
import { linear } from './linear';
import { relu, sub } from './pointwise';
import { reshape } from './reshape';

describe('ballQuery', () => {
  it('65,536 points: what plain JavaScript finds', async () => {
    const [N, S, members, radius] = [65536, 131, 32, 0.125];
    const points = latticeCloud(philoxUniforms(3 * N, 7, 'balls'));
    const centres = points.slice(0, 3 * S);
    const found = await compute(
      ballQuery(constant(centres, [1, S, 3]), constant(points, [1, N, 3]), { radius, members }),
    );
    for (let s = 0; s < S; s++) {
      const inside: number[] = [];
      for (let j = 0; j < N && inside.length < members; j++) {
        const d = [0, 1, 2].reduce((sum, c) => sum + ((points[3 * j + c] ?? 0) - (centres[3 * s + c] ?? 0)) ** 2, 0);
        if (d < radius ** 2) inside.push(j);
      }
      const padded = Array.from({ length: members }, (_, k) => inside[k] ?? inside[0]);
      expect(Array.from(found.indices.subarray(s * members, (s + 1) * members))).toEqual(padded);
      expect(found.counts[s]).toBe(inside.length);
    }
  });

  it('names a radius that is none', () => {
    const points = constant([0, 0, 0], [1, 1, 3]);
    expect(() => ballQuery(points, points, { radius: 0, members: 1 })).toThrow(/radius of 0; give one above 0/);
  });

  it('a whole set abstraction is the reference sheet’s', async () => {
    const coordinates = [0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0, 0.5, 0.5, 1, 0.5, 0, 0, 0.2, 0.1, 0.9, 0.9, 0.8, 0.3];
    const points = constant(coordinates, [1, 8, 3]);
    const picked = farthestPoints(points, { count: 4 });
    const centres = gatherRows(points, picked);
    const { indices } = ballQuery(centres, points, { radius: 0.5, members: 3 });
    const relative = sub(gatherRows(points, indices), reshape(centres, [1, 4, 1, 3]));
    const [W, b] = [constant([1, -0.5, -1, 0.5, 0.5, 1], [3, 2]), constant([0.1, 0], [2])];
    const all = max(reshape(relu(linear(reshape(relative, [12, 3]), W, b)), [4, 3, 2]), [1]);
    const read = await compute({ all, picked });
    expect(Array.from(read.picked)).toEqual(Array.from(plainFarthestPoints(Float32Array.from(coordinates), 4)));
    [0.1, 0, 0.35, 0.25, 0.1, 0, 0.1, 0].forEach((want, i) => expect(read.all[i]).toBeCloseTo(want, 6));
  });
});
