import * as v from 'valibot';
import type { Seen, SeenCloud } from '../forward';
import { NO_LABEL } from '../training';
import { Chosen, cloudsOf, floats, see, tapped, wholes, type MakeView, type Views } from './looker';

const Asked = v.object({ ...Chosen.entries, saliency: v.optional(v.boolean(), false) });

/**
 * What is known of the points of 'objects' beside their places: `normals` [B, N, 3], turned as the sliders turn the points (zero for
 * outliers), `parts` u32 [B, N] (255: none); where it is asked for `saliency` [B, N], the length of the gradient of the largest logit.
 */
export const facts: MakeView = async (looker, request) => {
  const { saliency, ...chosen } = v.parse(Asked, request ?? {});
  const clouds = cloudsOf(looker, chosen);
  const seen = await see(looker, chosen, saliency ? ['saliency'] : []);
  const shape = [clouds.length, seen.source.length / clouds.length];
  return { ...known(seen, clouds), ...(saliency && { saliency: floats(shape, tapped(seen, 'saliency').data) }) };
};

/** `normals` and `parts` of distorted clouds. */
export function known(seen: Pick<Seen, 'points' | 'source'>, clouds: readonly SeenCloud[]): Views {
  const [B, N] = [clouds.length, seen.source.length / clouds.length];
  const normals = new Float32Array(3 * B * N);
  const parts = new Uint32Array(B * N).fill(NO_LABEL);
  clouds.forEach(({ cloud }, b) => {
    const count = Math.max(1, cloud.parts.length);
    const at = (i: number) => {
      const from = seen.source[b * N + i] ?? N;
      return from < N ? from % count : undefined;
    };
    const [cos, sin] = turnOf(cloud.points, seen.points.subarray(3 * b * N, 3 * (b + 1) * N), at);
    for (let i = 0; i < N; i++) {
      const from = at(i);
      if (from === undefined) continue;
      const [x = 0, y = 0, z = 0] = cloud.normals.subarray(3 * from, 3 * from + 3);
      normals.set([cos * x + sin * z, y, cos * z - sin * x], 3 * (b * N + i));
      parts[b * N + i] = cloud.parts[from] ?? NO_LABEL;
    }
  });
  return { normals: floats([B, N, 3], normals), parts: wholes([B, N], parts) };
}

/** Cosine and sine of the turn about the vertical that fits best between points and what became of them. */
function turnOf(
  before: Float32Array,
  after: Float32Array,
  at: (i: number) => number | undefined,
): readonly [number, number] {
  let [along, across] = [0, 0];
  for (let i = 0; i < after.length / 3; i++) {
    const from = at(i);
    if (from === undefined) continue;
    const [x, z] = [before[3 * from] ?? 0, before[3 * from + 2] ?? 0];
    const [x2, z2] = [after[3 * i] ?? 0, after[3 * i + 2] ?? 0];
    along += x * x2 + z * z2;
    across += z * x2 - x * z2;
  }
  const length = Math.hypot(along, across);
  return length > 0 ? [along / length, across / length] : [1, 0];
}
