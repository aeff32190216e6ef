import type { ImageSet } from '../../src/data/imageSet';
import { philoxUniforms } from '../../src/engine/philox';

/** A set of 8×8 pictures of two classes: a bright left or a bright right half, with a little noise. */
export function tinyPictures(train = 48, test = 16, channels = 1): ImageSet {
  const split = (count: number, stream: string) => {
    const length = channels * 64;
    const noise = philoxUniforms(count * length, 5, stream);
    const labels = Uint8Array.from({ length: count }, (_, i) => i % 2);
    const pixels = Uint8Array.from(noise, (u, i) => {
      const right = i % 8 >= 4 ? 1 : 0;
      return (right === labels[Math.floor(i / length)] ? 200 : 20) + Math.floor(u * 30);
    });
    return { pixels, labels, count };
  };
  const classes = [
    { en: 'left', zh: '左' },
    { en: 'right', zh: '右' },
  ];
  return { id: 'tiny', channels, size: 8, train: split(train, 'train'), test: split(test, 'test'), classes };
}
