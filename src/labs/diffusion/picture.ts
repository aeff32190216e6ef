/** Points on their way from noise to a Chinese character, as the shipped model takes them. */
import { PICTURE, type LabPicture } from '../picture';

const POINTS = 900;
const GROUND = [28, 30, 37];
const AMBER = [243, 176, 76];
const TEAL = [76, 201, 176];
const DEVIATION = 0.5;
/** Half the height of the frame, in units of the data. */
const REACH = 1.15;

export const picture: LabPicture = {
  link: '#/diffusion?v=1&data=character',
  model: 'diffusion-character',
  async draw(session) {
    const seen = await session.view('samples', { count: POINTS, seed: 3, path: true });
    const [path, sigmas, signals] = ['path', 'sigmas', 'signals'].map((name) => Array.from(seen[name]?.data ?? []));
    const levels = sigmas?.length ?? 0;
    if (!path || levels === 0) throw new Error('picture: the view "samples" gave no path');
    return Array.from({ length: PICTURE.frames }, (_, f) => {
      // The way through strong noise looks the same all along: the frames begin where it ends.
      const level = Math.round((0.45 + (0.55 * f) / (PICTURE.frames - 1)) * (levels - 1));
      const states = path.slice(level * POINTS * 2, (level + 1) * POINTS * 2);
      return frame(states, sigmas?.[level] ?? 0, signals?.[level] ?? 1);
    });
  },
};

/** States [n, 2] at the spread of the data: amber in noise, teal at its end. */
function frame(states: readonly number[], sigma: number, signal: number): Uint8Array {
  const { width, height } = PICTURE;
  const rgb = Uint8Array.from({ length: width * height * 3 }, (_, i) => GROUND[i % 3] ?? 0);
  const noise = sigma / Math.sqrt(sigma * sigma + DEVIATION * DEVIATION);
  const scale = 1 / ((signal || 1) * Math.sqrt(1 + (sigma / DEVIATION) ** 2));
  for (let i = 0; i + 1 < states.length; i += 2) {
    const x = Math.round(width / 2 + (((states[i] ?? 0) * scale) / REACH) * (height / 2));
    const y = Math.round(height / 2 - (((states[i + 1] ?? 0) * scale) / REACH) * (height / 2));
    if (x < 0 || y < 0 || x >= width || y >= height) continue;
    for (let c = 0; c < 3; c++) {
      const colour = noise * (AMBER[c] ?? 0) + (1 - noise) * (TEAL[c] ?? 0);
      const at = (y * width + x) * 3 + c;
      rgb[at] = Math.max(rgb[at] ?? 0, colour);
    }
  }
  return rgb;
}
