import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCoco, readVoc } from './annotations';

const coco = (over: Readonly<Record<string, unknown>> = {}) => ({
  images: [{ id: 7, file_name: 'shots/a.jpg', width: 100, height: 80 }],
  categories: [
    { id: 3, name: 'dog' },
    { id: 9, name: 'cat' },
  ],
  annotations: [
    { image_id: 7, category_id: 3, bbox: [10, 20, 30, 40] },
    { image_id: 7, category_id: 9, bbox: [0, 0, 5.5, 5], iscrowd: 1 },
  ],
  ...over,
});

describe('COCO', () => {
  it('gives boxes, classes by name, crowds as difficult', () => {
    const { classes, images, skipped } = readCoco(JSON.stringify(coco()));
    expect(skipped).toEqual([]);
    expect(classes).toEqual(['cat', 'dog']);
    expect(images).toEqual([
      {
        name: 'a.jpg',
        width: 100,
        height: 80,
        objects: [
          { label: 1, box: [10, 20, 40, 60], difficult: false },
          { label: 0, box: [0, 0, 5.5, 5], difficult: true },
        ],
      },
    ]);
  });

  it.each([
    [{ image_id: 8, category_id: 3, bbox: [1, 1, 2, 2] }, /annotations\[0\]: there is no image 8/],
    [{ image_id: 7, category_id: 4, bbox: [1, 1, 2, 2] }, /there is no category 4/],
    [{ image_id: 7, category_id: 3, bbox: [1, 1, 2] }, /bbox has 3 numbers/],
    [
      { image_id: 7, category_id: 3, bbox: [1, 1, 0, 2] },
      /annotations\[0\] \("dog"\): its box \[1, 1, 1, 3\] has no area/,
    ],
    [{ image_id: 7, category_id: 3, bbox: [90, 1, 40, 2] }, /leaves the picture of 100 × 80/],
    [{ image_id: 7, category_id: 3, bbox: ['1', 1, 40, 2] }, /annotations\[0\].bbox/],
    [{ category_id: 3, bbox: [1, 1, 2, 2] }, /annotations\[0\].image_id/],
  ])('names %j and goes on', (bad, reason) => {
    const good = { image_id: 7, category_id: 3, bbox: [10, 20, 30, 40] };
    const { images, skipped } = readCoco(JSON.stringify(coco({ annotations: [bad, good] })));
    expect(images[0]?.objects.length).toBe(1);
    expect(skipped.length).toBe(1);
    expect(skipped[0]?.reason.en).toMatch(reason);
  });

  it('says what is no COCO file', () => {
    expect(() => readCoco('{', 'x.json')).toThrow(/x.json is no JSON/);
    expect(() => readCoco('[]')).toThrow(/is no COCO file/);
    expect(() => readCoco(JSON.stringify({ images: [] }))).toThrow(/no list "categories"/);
  });

  it('never throws on a well-formed frame, and gives boxes inside their pictures alone', () => {
    const anything = fc.oneof(
      fc.anything(),
      fc.record({
        image_id: fc.constant(7),
        category_id: fc.constantFrom(3, 9, 1),
        bbox: fc.array(fc.double(), { maxLength: 5 }),
      }),
    );
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 8 }), (annotations) => {
        const text = JSON.stringify(coco({ annotations }), (_, value: unknown) =>
          typeof value === 'bigint' ? String(value) : value,
        );
        const listed = (JSON.parse(text) as { annotations: unknown[] }).annotations.length;
        const { images, skipped } = readCoco(text);
        expect((images[0]?.objects.length ?? 0) + skipped.length).toBe(listed);
        for (const { box } of images[0]?.objects ?? []) {
          expect(box[0]).toBeGreaterThanOrEqual(0);
          expect(box[1]).toBeGreaterThanOrEqual(0);
          expect(box[2]).toBeLessThanOrEqual(100);
          expect(box[3]).toBeLessThanOrEqual(80);
          expect(box[2]).toBeGreaterThan(box[0]);
          expect(box[3]).toBeGreaterThan(box[1]);
        }
      }),
    );
  });
});

const object = (name: string, ends: readonly (number | string)[], more = '') =>
  `<object><name>${name}</name>${more}<bndbox><xmin>${ends[0]}</xmin><ymin>${ends[1]}</ymin><xmax>${ends[2]}</xmax><ymax>${ends[3]}</ymax></bndbox></object>`;
const voc = (objects: string, size = '<size><width>100</width><height>80</height><depth>3</depth></size>') =>
  `<annotation><folder>VOC</folder><filename>b.jpg</filename>${size}<segmented>0</segmented>${objects}</annotation>`;
const read = (text: string) => readVoc([{ name: 'b.xml', text }]);

describe('Pascal VOC', () => {
  it('counts pixels from 1, both ends inside', () => {
    const { classes, images, skipped } = read(
      voc(object('dog', [1, 1, 1, 1]) + object('a &amp; b', [11, 21, 40, 60], '<difficult>1</difficult>')),
    );
    expect(skipped).toEqual([]);
    expect(classes).toEqual(['a & b', 'dog']);
    expect(images[0]).toMatchObject({ name: 'b.jpg', width: 100, height: 80 });
    expect(images[0]?.objects).toEqual([
      { label: 1, box: [0, 0, 1, 1], difficult: false },
      { label: 0, box: [10, 20, 40, 60], difficult: true },
    ]);
  });

  it('does not take the parts of an object for objects, nor what stands in a comment', () => {
    const part =
      '<part><name>head</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></part>';
    const { images, classes } = read(
      voc(`<!-- ${object('cat', [1, 1, 2, 2])} -->${object('person', [1, 1, 50, 60], part)}`),
    );
    expect(classes).toEqual(['person']);
    expect(images[0]?.objects[0]?.box).toEqual([0, 0, 50, 60]);
  });

  it.each([
    [voc(object('dog', [5, 5, 4, 9])), /object 1 \("dog"\): its box \[4, 4, 4, 9\] has no area/],
    [voc(object('dog', [5, 'x', 9, 9])), /is not four numbers/],
    [voc(object('dog', [5, 5, 190, 9])), /leaves the picture/],
    [voc('<object><name>dog</name></object>'), /object 1 has no <bndbox>/],
    [voc('<object><bndbox></bndbox></object>'), /object 1 has no <name>/],
    [voc(object('dog', [1, 1, 2, 2]), ''), /its size NaN × NaN is none/],
    ['<html></html>', /no <annotation>/],
  ])('names what is wrong: %#', (text, reason) => {
    const { images, skipped } = read(text);
    expect(images.flatMap((i) => i.objects)).toEqual([]);
    expect(skipped[0]?.reason.en).toMatch(reason);
  });

  it('never throws, whatever it is given', () => {
    const tag = fc.constantFrom(
      '<annotation>',
      '</annotation>',
      '<object>',
      '</object>',
      '<name>',
      '</name>',
      '<bndbox>',
      '<xmin>5</xmin>',
      '&#x110000;',
      '<!--',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(tag, fc.string())), (pieces) => {
        const { images, skipped } = read(pieces.join(''));
        expect(images.length + skipped.length).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  it('gives back the boxes that it was given', () => {
    const ends = fc
      .tuple(
        fc.integer({ min: 1, max: 90 }),
        fc.integer({ min: 1, max: 70 }),
        fc.integer({ min: 0, max: 10 }),
        fc.integer({ min: 0, max: 10 }),
      )
      .map(([x, y, w, h]) => [x, y, x + w, y + h]);
    fc.assert(
      fc.property(fc.array(ends, { maxLength: 5 }), (boxes) => {
        const { images } = read(voc(boxes.map((b) => object('dog', b)).join('\n')));
        expect(images[0]?.objects.map((o) => [o.box[0] + 1, o.box[1] + 1, o.box[2], o.box[3]])).toEqual(boxes);
      }),
    );
  });
});
