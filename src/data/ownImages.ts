/** The reader's own pictures as an image set: cropped to a square, scaled, never sent anywhere. */
import type { ClassName, ImageSet } from './imageSet';
import { SaidError, textOf } from './saidError';

/** Fewest pictures that a set can be made of. */
export const FEWEST_IMAGES = 16;
/** Side in pixels at which own pictures are kept, and that at which a lab takes them unless told otherwise. */
export const KEPT_SIZE = 64;
export const OWN_SIZE = 32;
/** More would fill the browser's memory. */
const MOST_IMAGES = 20_000;
/** More folders than this are no classes. */
const MOST_CLASSES = 32;
/** Every fifth picture is held out. */
const HELD_OUT_EVERY = 5;

export interface PictureFile {
  readonly name: string;
  /** Folder that the picture lies in; '' when it was dropped by itself. */
  readonly folder: string;
  readonly file: Blob;
}

export interface Skipped {
  readonly name: string;
  readonly reason: { readonly en: string; readonly zh: string };
}

/** Decodes a picture into RGB planes [3, S, S]; throws when it cannot. */
export type Decode = (file: Blob, size: number) => Promise<Uint8Array>;

/** By the browser's own decoders: any format it shows. The middle square is taken. */
export const decodeInBrowser: Decode = async (file, size) => {
  const picture = await createImageBitmap(file).catch((error: unknown) => {
    throw new SaidError({ en: textOf(error).en, zh: '浏览器无法把它解码为图片' }, { cause: error });
  });
  try {
    const side = Math.min(picture.width, picture.height);
    const canvas = new OffscreenCanvas(size, size);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (!context) throw new SaidError({ en: 'this browser gives no canvas', zh: '此浏览器没有提供画布' });
    context.imageSmoothingQuality = 'high';
    // Transparent parts come out white, as on paper.
    context.fillStyle = '#fff';
    context.fillRect(0, 0, size, size);
    const [x, y] = [(picture.width - side) / 2, (picture.height - side) / 2];
    context.drawImage(picture, x, y, side, side, 0, 0, size, size);
    return planesOf(context.getImageData(0, 0, size, size).data);
  } finally {
    picture.close();
  }
};

/** RGBA pixels as planes [3, S, S]. */
function planesOf(rgba: Uint8ClampedArray): Uint8Array {
  const plane = rgba.length / 4;
  const planes = new Uint8Array(plane * 3);
  for (let i = 0; i < plane; i++) {
    for (let c = 0; c < 3; c++) planes[c * plane + i] = rgba[i * 4 + c] ?? 0;
  }
  return planes;
}

/**
 * An image set [3, 64, 64] of the reader's pictures; folders become classes where there are two or more. What cannot be decoded is
 * named and skipped. Throws with the count when fewer than 16 are left.
 */
export async function readOwnImages(
  files: readonly PictureFile[],
  decode: Decode = decodeInBrowser,
  onProgress?: (done: number, total: number) => void,
): Promise<{ set: ImageSet; skipped: readonly Skipped[] }> {
  const skipped: Skipped[] = files.slice(MOST_IMAGES).map(({ name }) => ({
    name,
    reason: { en: `only the first ${MOST_IMAGES} pictures are taken`, zh: `只取前 ${MOST_IMAGES} 张图片` },
  }));
  const taken: { planes: Uint8Array; folder: string }[] = [];
  const candidates = files.slice(0, MOST_IMAGES);
  for (const [i, { name, folder, file }] of candidates.entries()) {
    try {
      taken.push({ planes: await decode(file, KEPT_SIZE), folder });
    } catch (error) {
      skipped.push({ name, reason: textOf(error) });
    }
    onProgress?.(i + 1, candidates.length);
  }
  if (taken.length < FEWEST_IMAGES) {
    throw new SaidError(
      {
        en: `${taken.length} of ${files.length} files could be read as pictures; at least ${FEWEST_IMAGES} are needed`,
        zh: `${files.length} 个文件中只有 ${taken.length} 个能作为图片读取；至少需要 ${FEWEST_IMAGES} 个`,
      },
      { cause: skipped },
    );
  }
  return { set: setOf(taken), skipped };
}

function setOf(taken: readonly { planes: Uint8Array; folder: string }[]): ImageSet {
  const folders = [...new Set(taken.map((t) => t.folder))].sort();
  const classes: ClassName[] =
    folders.length >= 2 && folders.length <= MOST_CLASSES ? folders.map((f) => ({ en: f || '–', zh: f || '–' })) : [];
  const split = (chosen: readonly { planes: Uint8Array; folder: string }[]) => {
    const pixels = new Uint8Array(chosen.length * 3 * KEPT_SIZE * KEPT_SIZE);
    chosen.forEach(({ planes }, i) => pixels.set(planes, i * planes.length));
    const labels = Uint8Array.from(chosen, (t) => (classes.length > 0 ? folders.indexOf(t.folder) : 0));
    return { pixels, labels, count: chosen.length };
  };
  const heldOut = (i: number) => i % HELD_OUT_EVERY === HELD_OUT_EVERY - 1;
  return {
    id: 'own',
    channels: 3,
    size: KEPT_SIZE,
    classes,
    train: split(taken.filter((_, i) => !heldOut(i))),
    test: split(taken.filter((_, i) => heldOut(i))),
  };
}
