/** Three held-out emoji, ever more of them hidden, and what the shipped model paints. */
import type { Session } from '../../train/session';
import { PICTURE, type LabPicture } from '../picture';
import { hiddenPatches } from './masks';

const SHOWN = [1, 4, 5];
const SIZE = 32;
const PATCH = 4;
const AMBER = [243, 176, 76];

export const picture: LabPicture = {
  link: '#/masked-images?v=1&data=emoji&norm=0&lr=0.0015&steps=2000',
  model: 'mae-emoji',
  async draw(session) {
    const frames: Uint8Array[] = [];
    for (let i = 0; i < PICTURE.frames; i++) frames.push(await frame(session, 0.2 + (0.7 * i) / (PICTURE.frames - 1)));
    return frames;
  },
};

async function frame(session: Session, ratio: number): Promise<Uint8Array> {
  const truth = (await session.view('images', {}))['pixels']?.data ?? [];
  const count = truth.length / (3 * SIZE * SIZE);
  const masks = Array.from({ length: count }, (_, n) => hiddenPatches(SIZE / PATCH, ratio, 'random', 7, n));
  const made =
    (await session.view('reconstruction', { hidden: masks.map((m) => Array.from(m)) }))['pixels']?.data ?? [];
  const rgb = new Uint8Array(PICTURE.width * PICTURE.height * 3);
  SHOWN.forEach((image, column) => {
    for (let p = 0; p < SIZE * SIZE; p++) {
      const [x, y] = [p % SIZE, Math.floor(p / SIZE)];
      const hidden = masks[image]?.[Math.floor(y / PATCH) * (SIZE / PATCH) + Math.floor(x / PATCH)] === 1;
      for (let c = 0; c < 3; c++) {
        const at = (image * 3 + c) * SIZE * SIZE + p;
        const place = (row: number) => ((row * SIZE + y) * PICTURE.width + column * SIZE + x) * 3 + c;
        rgb[place(0)] = hidden ? (AMBER[c] ?? 0) : (truth[at] ?? 0);
        rgb[place(1)] = hidden ? 255 * Math.min(1, Math.max(0, made[at] ?? 0)) : (truth[at] ?? 0);
      }
    }
  });
  return rgb;
}
