import { describe, expect, it } from 'vitest';
import { SaidError, textOf } from './saidError';
import { FEWEST_IMAGES, KEPT_SIZE, readOwnImages, type Decode, type PictureFile } from './ownImages';

/** Pictures of one grey each, by the number in their name; a name with "broken" cannot be decoded. */
function pictures(names: readonly string[]): PictureFile[] {
  return names.map((path) => {
    const [folder = '', name = ''] = path.includes('/') ? path.split('/') : ['', path];
    return { name, folder, file: new Blob([name]) };
  });
}
const decode: Decode = async (file, size) => {
  const name = await file.text();
  if (name.includes('broken')) throw new SaidError({ en: 'it is no picture', zh: '它不是图片' });
  return new Uint8Array(3 * size * size).fill(Number(name.replace(/\D/g, '')));
};
const named = (count: number, folder = '') =>
  Array.from({ length: count }, (_, i) => `${folder}${folder && '/'}${i}.png`);

describe('own images', () => {
  it('become a set with every fifth picture held out', async () => {
    const { set, skipped } = await readOwnImages(pictures(named(23)), decode);
    expect([set.train.count, set.test.count]).toEqual([19, 4]);
    expect([set.channels, set.size, set.classes.length]).toEqual([3, KEPT_SIZE, 0]);
    const plane = 3 * KEPT_SIZE * KEPT_SIZE;
    expect([set.test.pixels[0], set.test.pixels[plane]]).toEqual([4, 9]);
    expect(set.train.pixels.length).toBe(19 * plane);
    expect(skipped).toEqual([]);
  });

  it('take folders as classes', async () => {
    const { set } = await readOwnImages(pictures([...named(10, 'dogs'), ...named(10, 'cats')]), decode);
    expect(set.classes.map((c) => c.en)).toEqual(['cats', 'dogs']);
    expect(set.train.labels[0]).toBe(1);
    expect(set.train.labels.at(-1)).toBe(0);
  });

  it('name what cannot be decoded, and go on', async () => {
    const { set, skipped } = await readOwnImages(pictures([...named(16), 'broken.txt']), decode);
    expect(set.train.count + set.test.count).toBe(16);
    expect(skipped).toEqual([{ name: 'broken.txt', reason: { en: 'it is no picture', zh: '它不是图片' } }]);
  });

  it('refuse too few', async () => {
    await expect(readOwnImages(pictures(named(FEWEST_IMAGES - 1)), decode)).rejects.toThrow(/15 of 15 .*at least 16/);
  });

  it('say in both languages how many are missing', async () => {
    const error: unknown = await readOwnImages(pictures(named(3)), decode).catch((e: unknown) => e);
    expect(textOf(error)).toEqual({
      en: '3 of 3 files could be read as pictures; at least 16 are needed',
      zh: '3 个文件中只有 3 个能作为图片读取；至少需要 16 个',
    });
    expect(textOf(new Error('plain'))).toEqual({ en: 'plain', zh: 'plain' });
  });
});
