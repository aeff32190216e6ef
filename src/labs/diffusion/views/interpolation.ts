import * as v from 'valibot';
import { philoxNormals } from '../../../engine/philox';
import { brightness } from '../samples';
import type { MakeView } from './looker';

const Between = v.object({
  frames: v.optional(v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(64)), 8),
  /** Seeds of the noise at both ends. */
  from: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 1),
  to: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 2),
  label: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255)), 0),
});

/** Points on the great circle from a to b, so that all have the length of noise: frames × width. */
function slerp(a: Float32Array, b: Float32Array, frames: number): Float32Array {
  const dot = a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);
  const cosine = Math.min(1, Math.max(-1, dot / (Math.hypot(...a) * Math.hypot(...b) || 1)));
  const angle = Math.acos(cosine);
  const out = new Float32Array(frames * a.length);
  for (let f = 0; f < frames; f++) {
    const t = f / (frames - 1);
    // Along (nearly) the same direction the circle is a line.
    const [p, q] =
      Math.sin(angle) < 1e-4
        ? [1 - t, t]
        : [Math.sin((1 - t) * angle) / Math.sin(angle), Math.sin(t * angle) / Math.sin(angle)];
    a.forEach((x, i) => (out[f * a.length + i] = p * x + q * (b[i] ?? 0)));
  }
  return out;
}

/** Samples on the way from one noise to another, spherically: `samples` [frames, …sample] (pictures as brightness). */
export const interpolation: MakeView = async (looker, request) => {
  const { frames, from, to, label } = v.parse(Between, request ?? {});
  const noise = (seed: number) => philoxNormals(looker.width, seed, 'interpolation').slice();
  const made = await looker.sample(
    { batch: frames, seed: 1, start: 'givenNoise' },
    { given: slerp(noise(from), noise(to), frames), labels: new Uint32Array(frames).fill(label) },
  );
  const shown = looker.data.kind === 'pictures' ? brightness(made) : made;
  return { samples: { shape: [frames, ...looker.model.sample], data: shown } };
};
