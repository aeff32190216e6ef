/** What of the lab needs no device. */
import { describe, expect, it } from 'vitest';
import { tinySprites } from '../../../tests/helpers/tinySprites';
import { ANNOTATED_SIZE, type AnnotatedPicture } from '../../data/annotatedPictures';
import type { Box } from '../../train/evaluation/averagePrecision';
import { labDefaults } from '../../train/lab';
import { annotated, chosenClasses, composed } from './data/data';
import { finalBoxes, suppress } from './detections';
import { meta } from './meta';
import { samplingPoints, spreadAt, type SamplingLayer } from './samplingPoints';
import { sceneOptions } from './settings';

describe('suppression', () => {
  const boxes: Box[] = [
    [0, 0, 10, 10],
    [1, 1, 11, 11],
    [0, 0, 10, 5],
    [20, 20, 30, 30],
    [20, 20, 30, 30],
    [0, 5, 10, 10],
  ];
  const scores = [0.9, 0.8, 0.7, 0.6, 0.6, 0.95];
  it.each([
    [0.3, [5, 2, 3]],
    [0.5, [5, 0, 2, 3]],
  ] as const)('at %d keeps what the reference keeps', (overlap, kept) => {
    expect(suppress(boxes, scores, overlap)).toEqual(kept);
  });

  it('goes class by class, by score, and leaves out what is below the threshold or empty', () => {
    const at = (...p: number[]) => Float32Array.from(p);
    const found = finalBoxes(
      {
        boxes: [boxes[0] ?? [0, 0, 1, 1], boxes[1] ?? [0, 0, 1, 1], [5, 5, 5, 9]],
        probabilities: [at(0.1, 0.6, 0.3), at(0.1, 0.4, 0.5), at(0, 1, 0)],
      },
      { least: 0.35, overlap: 0.3 },
    );
    expect(found.map(({ label, region }) => [label, region])).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });
});

describe('sampling points', () => {
  const plain: SamplingLayer = { dilation: 2, cells: 8, stride: 4, offsets: undefined, modulation: undefined };
  const field = (value: (channel: number) => number) =>
    Float32Array.from({ length: 18 * 64 }, (_, i) => value(Math.floor(i / 64)));

  it('of plain layers are the regular grid, 9, 81 and 729 of them', () => {
    const levels = samplingPoints([plain, plain, plain], [18, 14]);
    expect(levels.map((l) => l.weights.length)).toEqual([9, 81, 729]);
    expect(Array.from(levels[0]?.points.slice(0, 4) ?? [])).toEqual([10, 6, 18, 6]);
    expect(Math.max(...(levels[2]?.points ?? []))).toBe(18 + 3 * 8);
    expect(spreadAt(plain, [18, 14])).toBeCloseTo(1, 6);
  });

  it('follow offsets (dy, dx) and multiply modulation', () => {
    // Every tap twice as far from the middle, and a quarter cell to the right.
    const wide = field((c) => {
      const k = Math.floor(c / 2);
      return c % 2 === 0 ? (Math.floor(k / 3) - 1) * 2 : ((k % 3) - 1) * 2 + 0.25;
    });
    const layer = { ...plain, offsets: wide, modulation: new Float32Array(9 * 64).fill(0.5) };
    const [one, two] = samplingPoints([plain, layer], [18, 14]);
    expect(Array.from(one?.points.slice(0, 2) ?? [])).toEqual([18 - 16 + 1, 14 - 16]);
    expect(spreadAt(layer, [18, 14])).toBeCloseTo(2, 6);
    expect(new Set(two?.weights)).toEqual(new Set([0.5]));
  });
});

describe('data', () => {
  const options = sceneOptions({ ...labDefaults(meta), size: 32 });

  it('composed scenes are the same for the same number, and hold out what is held out', () => {
    const data = composed(tinySprites(), 32);
    expect(data.scene('train', 1, 5, options)).toEqual(data.scene('train', 1, 5, options));
    expect(data.scene('train', 1, 5, options)).not.toEqual(data.scene('train', 2, 5, options));
  });

  it('one class stands for all, and six are those of the furniture', () => {
    const one = chosenClasses(tinySprites(), 'one');
    expect(one.classes).toHaveLength(1);
    expect(new Set(one.sprites.map((s) => s.label))).toEqual(new Set([0]));
    const names = ['car', 'sofa', 'chair', 'cabinet', 'lamp', 'plant', 'person'].map((en) => ({ en, zh: en }));
    const tiny = tinySprites();
    const set = {
      ...tiny,
      id: 'furniture',
      classes: names,
      sprites: tiny.sprites.map((s) => ({ ...s, label: s.label })),
    };
    const six = chosenClasses(set, 'six');
    expect(six.classes.map((c) => c.en)).toEqual(['chair', 'cabinet', 'lamp', 'plant', 'person', 'car']);
    // Sprites 0 are cars there, which stand last here; sofas (1) are gone; 2 are chairs.
    expect(new Set(six.sprites.map((s) => s.label))).toEqual(new Set([5, 0]));
  });

  it('own pictures are scaled, every fifth is held out, and mirrored ones keep their boxes in place', () => {
    const pixels = new Uint8Array(3 * ANNOTATED_SIZE ** 2);
    for (let c = 0; c < 3; c++) pixels.fill(200, c * ANNOTATED_SIZE ** 2, c * ANNOTATED_SIZE ** 2 + 96);
    const picture: AnnotatedPicture = { name: 'a', pixels, objects: [{ label: 0, box: [0, 0, 96, 48] }] };
    const data = annotated(
      { classes: [{ en: 'x', zh: 'x' }], pictures: [picture, picture, picture, picture, picture] },
      64,
    );
    expect([data.count('train'), data.count('test'), data.most]).toEqual([4, 1, 1]);
    expect(data.scene('test', 1, 0, options).objects[0]?.box).toEqual([0, 0, 32, 16]);
    const seen = Array.from({ length: 12 }, (_, n) => data.scene('train', 1, n, options).objects[0]?.box.join());
    expect(new Set(seen)).toEqual(new Set(['0,0,32,16', '32,0,64,16']));
  });
});
