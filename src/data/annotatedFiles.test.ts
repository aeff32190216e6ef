import { describe, expect, it } from 'vitest';
import { named, placeInSquare, readAnnotatedFiles, tooFewAnnotated, type Fitted } from './annotatedFiles';
import { ANNOTATED_SIZE, FEWEST_ANNOTATED, type AnnotatedPicture } from './annotatedPictures';

const file = (name: string, content = '') => ({ name, folder: '', file: new Blob([content]) });

/** Pictures of 400 × 200, or what their name says is wrong with them. */
const fit = (blob: Blob): Promise<Fitted> =>
  blob
    .text()
    .then((text) =>
      text === 'broken'
        ? Promise.reject(new Error('no picture'))
        : { pixels: new Uint8Array(3 * ANNOTATED_SIZE ** 2), width: 400, height: 200 },
    );

const coco = (size: readonly [number, number] = [400, 200]) =>
  JSON.stringify({
    images: [
      { id: 1, file_name: 'a.jpg', width: size[0], height: size[1] },
      { id: 2, file_name: 'lost.jpg', width: 10, height: 10 },
    ],
    categories: [{ id: 5, name: 'cup' }],
    annotations: [
      { image_id: 1, category_id: 5, bbox: [size[0] / 4, 0, size[0] / 2, size[1]] },
      { image_id: 1, category_id: 5, bbox: [0, 0, 1, 1] },
      { image_id: 1, category_id: 9, bbox: [0, 0, 10, 10] },
    ],
  });

const picture = (objects: number): AnnotatedPicture => ({
  name: 'p',
  pixels: new Uint8Array(3 * ANNOTATED_SIZE ** 2),
  objects: Array.from({ length: objects }, () => ({ label: 0, box: [0, 0, 96, 48] as const })),
});

describe('own pictures with boxes', () => {
  it('lie whole in the middle of their square', () => {
    expect(placeInSquare(400, 200, 192)).toEqual({ scale: 0.48, left: 0, top: 48 });
    expect(placeInSquare(50, 100, 200)).toEqual({ scale: 2, left: 50, top: 0 });
  });

  it('take their boxes from COCO, add classes behind those that there are, and name what is left out', async () => {
    const files = [file('a.jpg'), file('b.jpg'), file('c.jpg', 'broken'), file('boxes.json', coco()), file('n.txt')];
    const { classes, pictures, skipped } = await readAnnotatedFiles(files, [named('dog')], fit);
    expect(classes).toEqual([named('dog'), named('cup')]);
    expect(pictures.map((p) => [p.name, p.objects])).toEqual([
      ['a.jpg', [{ label: 1, box: [48, 48, 144, 144] }]],
      ['b.jpg', []],
    ]);
    expect(skipped.map((s) => s.name).sort()).toEqual(['a.jpg', 'boxes.json', 'c.jpg', 'lost.jpg', 'n.txt']);
    expect(skipped.find((s) => s.name === 'a.jpg')?.reason.en).toMatch(/below 3 pixels/);
  });

  it('fit boxes to a picture that was scaled since, and refuse those of another shape', async () => {
    const half = await readAnnotatedFiles([file('a.jpg'), file('boxes.json', coco([200, 100]))], [], fit);
    expect(half.pictures[0]?.objects[0]?.box).toEqual([48, 48, 144, 144]);
    const other = await readAnnotatedFiles([file('a.jpg'), file('boxes.json', coco([300, 300]))], [], fit);
    expect(other.pictures[0]?.objects).toEqual([]);
    expect(other.skipped.some((s) => /300 × 300, this one is 400 × 200/.test(s.reason.en))).toBe(true);
  });

  it('take Pascal VOC files beside their pictures', async () => {
    const xml =
      '<annotation><filename>a.jpg</filename><size><width>400</width><height>200</height></size>' +
      '<object><name>cat</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>400</xmax><ymax>200</ymax></bndbox></object></annotation>';
    const { classes, pictures } = await readAnnotatedFiles([file('a.jpg'), file('a.xml', xml)], [], fit);
    expect(classes).toEqual([named('cat')]);
    expect(pictures[0]?.objects).toEqual([{ label: 0, box: [0, 48, 192, 144] }]);
  });

  it('are enough when enough of them have boxes', () => {
    const boxed = (count: number) => Array.from({ length: count }, () => picture(1));
    const few = { classes: [named('a')], pictures: [picture(0), ...boxed(FEWEST_ANNOTATED - 1)] };
    expect(tooFewAnnotated(few)?.en).toBe('4 of 5 pictures have boxes; training asks for at least 5');
    expect(tooFewAnnotated({ ...few, pictures: [...few.pictures, picture(2)] })).toBeUndefined();
  });
});
