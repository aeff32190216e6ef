/** The reader's own pictures with boxes: fitted into a square, joined with the annotations that came with them, never sent anywhere. */
import { readCoco, readVoc, type Annotations, type Box } from './annotations';
import { ANNOTATED_SIZE, FEWEST_ANNOTATED, type AnnotatedPicture, type AnnotatedPictures } from './annotatedPictures';
import type { ClassName } from './imageSet';
import type { PictureFile, Skipped } from './ownImages';
import { SaidError, textOf } from './saidError';

/** More would fill the browser's memory. */
const MOST_PICTURES = 2000;
/** Objects of a picture that a detector is given at most. */
const MOST_OBJECTS = 16;
/** A box that is smaller after fitting is nothing that could be told. */
const SMALLEST = 3;

/** A picture in its square: whole, on grey, its longer side as long as the square's. */
export interface Fitted {
  readonly pixels: Uint8Array;
  /** As it came. */
  readonly width: number;
  readonly height: number;
}

/** Decodes a picture and fits it into a square; throws when it cannot. */
export type FitPicture = (file: Blob, side: number) => Promise<Fitted>;

/** Where a picture of width × height lies in a square. */
export function placeInSquare(width: number, height: number, side: number) {
  const scale = side / Math.max(width, height);
  return { scale, left: (side - width * scale) / 2, top: (side - height * scale) / 2 };
}

/** By the browser's own decoders: any format it shows. */
export const fitInBrowser: FitPicture = async (file, side) => {
  const picture = await createImageBitmap(file).catch((error: unknown) => {
    throw new SaidError({ en: textOf(error).en, zh: '浏览器无法把它解码为图片' }, { cause: error });
  });
  try {
    return fitFrame(picture, picture.width, picture.height, side);
  } finally {
    picture.close();
  }
};

/** A picture or a frame of a video as its square. Throws where the browser gives no canvas. */
export function fitFrame(frame: CanvasImageSource, width: number, height: number, side: number): Fitted {
  const canvas = new OffscreenCanvas(side, side);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new SaidError({ en: 'this browser gives no canvas', zh: '此浏览器没有提供画布' });
  context.imageSmoothingQuality = 'high';
  context.fillStyle = '#7f7f7f';
  context.fillRect(0, 0, side, side);
  const { scale, left, top } = placeInSquare(width, height, side);
  context.drawImage(frame, left, top, width * scale, height * scale);
  const { data } = context.getImageData(0, 0, side, side);
  const plane = side * side;
  const pixels = new Uint8Array(3 * plane);
  for (let i = 0; i < plane; i++) for (let c = 0; c < 3; c++) pixels[c * plane + i] = data[4 * i + c] ?? 0;
  return { pixels, width, height };
}

/** A class as its file names it. */
export const named = (name: string): ClassName => ({ en: name, zh: name });

const isPicture = ({ name }: PictureFile) => !/\.(json|xml|txt)$/i.test(name);

/**
 * Pictures with what their annotations (COCO JSON, VOC XML, among the files) say of them; pictures without annotations have no boxes. `classes` are
 * those that there are already: they keep their places. Names what is left out: files that are no pictures, bad boxes, annotations without their picture.
 */
export async function readAnnotatedFiles(
  files: readonly PictureFile[],
  classes: readonly ClassName[] = [],
  fit: FitPicture = fitInBrowser,
  onProgress?: (done: number, total: number) => void,
): Promise<AnnotatedPictures & { readonly skipped: readonly Skipped[] }> {
  const skipped: Skipped[] = [];
  const annotations = await readAnnotations(files, skipped);
  const candidates = files.filter(isPicture);
  for (const { name } of candidates.slice(MOST_PICTURES))
    skipped.push({
      name,
      reason: { en: `only the first ${MOST_PICTURES} pictures are taken`, zh: `只取前 ${MOST_PICTURES} 张图片` },
    });
  const names = classes.map((c) => c.en);
  const pictures: AnnotatedPicture[] = [];
  const taken = candidates.slice(0, MOST_PICTURES);
  for (const [i, { name, file }] of taken.entries()) {
    try {
      const fitted = await fit(file, ANNOTATED_SIZE);
      pictures.push({ name, pixels: fitted.pixels, objects: objectsOf(name, fitted, annotations, names, skipped) });
    } catch (error) {
      skipped.push({ name, reason: textOf(error) });
    }
    onProgress?.(i + 1, taken.length);
  }
  const given = new Set(candidates.map((f) => f.name));
  for (const { images } of annotations)
    for (const { name } of images)
      if (!given.has(name))
        skipped.push({
          name,
          reason: { en: 'it has boxes, but its picture is not among the files', zh: '有标注，但文件中没有这张图片' },
        });
  return { classes: [...classes, ...names.slice(classes.length).map(named)], pictures, skipped };
}

async function readAnnotations(files: readonly PictureFile[], skipped: Skipped[]): Promise<Annotations[]> {
  const read: Annotations[] = [];
  const voc: { name: string; text: string }[] = [];
  for (const { name, file } of files) {
    if (/\.xml$/i.test(name)) voc.push({ name, text: await file.text() });
    else if (/\.json$/i.test(name)) {
      try {
        read.push(readCoco(await file.text(), name));
      } catch (error) {
        skipped.push({ name, reason: textOf(error) });
      }
    } else if (/\.txt$/i.test(name))
      skipped.push({
        name,
        reason: { en: 'boxes are read from COCO JSON or Pascal VOC XML', zh: '标注须为 COCO JSON 或 Pascal VOC XML' },
      });
  }
  if (voc.length > 0) read.push(readVoc(voc));
  for (const { skipped: left } of read) skipped.push(...left);
  return read;
}

/** The boxes of a picture in its square; adds new classes to `names`. */
function objectsOf(
  name: string,
  fitted: Fitted,
  annotations: readonly Annotations[],
  names: string[],
  skipped: Skipped[],
): AnnotatedPicture['objects'][number][] {
  const found: AnnotatedPicture['objects'][number][] = [];
  const leave = (en: string, zh: string) => skipped.push({ name, reason: { en, zh } });
  for (const { classes, images } of annotations) {
    const own = images.find((image) => image.name === name);
    if (!own) continue;
    const { width, height } = fitted;
    if (Math.abs(own.width / own.height - width / height) > 0.02 * (width / height)) {
      leave(
        `its boxes are for a picture of ${own.width} × ${own.height}, this one is ${width} × ${height}`,
        `标注对应 ${own.width} × ${own.height} 的图片，而此图为 ${width} × ${height}`,
      );
      continue;
    }
    const { scale, left, top } = placeInSquare(width, height, ANNOTATED_SIZE);
    // Annotations of a picture that was scaled since still fit.
    const factor = (scale * width) / own.width;
    for (const { label, box, difficult } of own.objects) {
      if (difficult) continue;
      const category = classes[label] ?? '';
      const [x1, y1, x2, y2] = box;
      const placed: Box = [x1 * factor + left, y1 * factor + top, x2 * factor + left, y2 * factor + top];
      if (placed[2] - placed[0] < SMALLEST || placed[3] - placed[1] < SMALLEST)
        leave(
          `a box of "${category}" is below ${SMALLEST} pixels once fitted`,
          `“${category}”的一个框缩放后不足 ${SMALLEST} 像素`,
        );
      else if (found.length === MOST_OBJECTS)
        leave(`only the first ${MOST_OBJECTS} boxes are taken`, `只取前 ${MOST_OBJECTS} 个框`);
      else {
        if (!names.includes(category)) names.push(category);
        found.push({ label: names.indexOf(category), box: placed });
      }
    }
  }
  return found;
}

/** Why these pictures cannot be trained on; undefined where they can. */
export function tooFewAnnotated(set: AnnotatedPictures): { readonly en: string; readonly zh: string } | undefined {
  const count = set.pictures.filter(({ objects }) => objects.length > 0).length;
  if (count >= FEWEST_ANNOTATED) return undefined;
  return {
    en: `${count} of ${set.pictures.length} pictures have boxes; training asks for at least ${FEWEST_ANNOTATED}`,
    zh: `${set.pictures.length} 张图片中有 ${count} 张带框；训练至少需要 ${FEWEST_ANNOTATED} 张`,
  };
}
