import { readFile, writeFile } from 'node:fs/promises';
import { PNG } from 'pngjs';
import { PICTURE, type LabPicture } from '../labs/picture';
import { readLink } from '../train/link';
import { labs } from './labs';
import { labSession } from './labSession';
import { readArguments, UsageError } from './usage';

const PICTURES = import.meta.glob<LabPicture>('../labs/*/picture.ts', { import: 'picture' });

/** Frames of RGB bytes, side by side, as a PNG. */
function strip(frames: readonly Uint8Array[]): Uint8Array {
  const { width, height } = PICTURE;
  const png = new PNG({ width: width * frames.length, height, colorType: 2 });
  frames.forEach((frame, f) => {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const from = (y * width + x) * 3;
        const to = (y * width * frames.length + f * width + x) * 4;
        png.data.set(frame.subarray(from, from + 3), to);
        png.data[to + 3] = 255;
      }
    }
  });
  return PNG.sync.write(png, { colorType: 2 });
}

/** `picture <lab>`: draws the lab's picture for the gallery anew, from a shipped model or a run. */
export async function writePicture(args: readonly string[]): Promise<number> {
  const [id = '', extra] = readArguments(args).positional;
  const load = PICTURES[`../labs/${id}/picture.ts`];
  if (!load || extra !== undefined) throw new UsageError(`picture takes a lab with a picture.ts, not "${id}"`);
  const picture = await load();
  const { lab, config } = readLink(picture.link, labs);
  if (!lab) throw new Error(`picture of "${id}": its link names no lab`);
  const session = await labSession(lab, () => undefined);
  await session.open({ config, changes: [] });
  if (picture.model !== undefined) {
    await session.importModel(Uint8Array.from(await readFile(`public/models/${picture.model}/model.onnx`)));
  }
  const frames = await picture.draw(session);
  await session.close();
  await writeFile(`src/labs/${id}/picture.png`, strip(frames));
  return 0;
}
