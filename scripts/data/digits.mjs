// 5,000 handwritten digits from Debian's opencv-doc (examples/data/digits.png: cells of 20×20, five rows of 100 for each digit), padded to
// 28×28. The last of every five columns is held out.
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { debianPackage, npmPackages, writeSet } from './pack.mjs';

const sharp = createRequire(join(npmPackages(['sharp@0.35.5']), 'x.js'))('sharp');
const folder = debianPackage('opencv-doc');
const file = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((f) => f.endsWith('data/digits.png'));
const { data, info } = await sharp(join(folder, file)).greyscale().raw().toBuffer({ resolveWithObject: true });

function cell(row, column) {
  const pixels = new Uint8Array(28 * 28);
  for (let y = 0; y < 20; y++) {
    for (let x = 0; x < 20; x++)
      pixels[(y + 4) * 28 + x + 4] = data[((row * 20 + y) * info.width + column * 20 + x) * info.channels];
  }
  return { pixels, label: Math.floor(row / 5) };
}

const [train, test] = [[], []];
// Column by column, so that any stretch of the set has all digits.
for (let column = 0; column < 100; column++) {
  for (let row = 0; row < 50; row++) (column % 5 === 4 ? test : train).push(cell(row, column));
}

writeSet(
  'digits',
  {
    title: { en: 'Digits', zh: '手写数字' },
    source: "digits.png of OpenCV's examples, Debian package opencv-doc 4.6.0",
    licence: 'Apache-2.0',
    attribution: 'Handwritten digits © OpenCV team, Apache-2.0 licence',
    channels: 1,
    size: 28,
    classes: Array.from({ length: 10 }, (_, i) => ({ en: String(i), zh: String(i) })),
  },
  train,
  test,
);
