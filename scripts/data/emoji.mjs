// Emoji of three drawing styles, rendered at 64 and resized to 32×32 RGB. Split by code point: the styles redraw the same emoji, so that a
// split by picture would leak. Transparent ground becomes white, as emoji are met on a page. Classes are the groups of Unicode.
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { npmPackages, writeSet } from './pack.mjs';

const STYLES = ['noto', 'twemoji', 'fluent-emoji-flat'];
const modules = npmPackages([
  'sharp@0.35.5',
  'emojibase-data@17.0.0',
  '@iconify-json/noto@1.2.9',
  '@iconify-json/twemoji@1.2.5',
  '@iconify-json/fluent-emoji-flat@1.2.6',
]);
const require = createRequire(join(modules, 'x.js'));
const sharp = require('sharp');
const all = require('emojibase-data/en/data.json');

// Group 2 of Unicode's data holds skin and hair components, which are no pictures.
const GROUPS = new Map([
  [0, ['smileys', '笑脸']],
  [1, ['people', '人物']],
  [3, ['animals, nature', '动物与自然']],
  [4, ['food', '食物']],
  [5, ['travel', '旅行']],
  [6, ['activities', '活动']],
  [7, ['objects', '物品']],
  [8, ['symbols', '符号']],
  [9, ['flags', '旗帜']],
]);
const labels = new Map([...GROUPS.keys()].map((group, i) => [group, i]));

async function render(set, name) {
  const icon = set.icons[name];
  const [width, height] = [icon.width ?? set.width ?? 16, icon.height ?? set.height ?? 16];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="64" height="64" viewBox="0 0 ${width} ${height}">${icon.body}</svg>`;
  const raw = await sharp(Buffer.from(svg))
    .resize(32, 32)
    .flatten({ background: '#fff' })
    .removeAlpha()
    .raw()
    .toBuffer();
  const planar = new Uint8Array(3 * 1024);
  for (let i = 0; i < 1024; i++) for (let c = 0; c < 3; c++) planar[c * 1024 + i] = raw[i * 3 + c];
  return planar;
}

const heldOut = (hexcode) => createHash('sha256').update(hexcode).digest()[0] % 6 === 0;
const seen = new Set();
const [train, test] = [[], []];
for (const style of STYLES) {
  const set = require(`@iconify-json/${style}/icons.json`);
  const chars = require(`@iconify-json/${style}/chars.json`);
  for (const emoji of all) {
    const label = labels.get(emoji.group);
    const code = emoji.hexcode.toLowerCase();
    const name = chars[code] ?? chars[code.replaceAll('-fe0f', '')];
    if (label === undefined || !name || !set.icons[name]) continue;
    let pixels;
    try {
      pixels = await render(set, name);
    } catch {
      console.warn(`${style} ${name}: does not render, left out`);
      continue;
    }
    const hash = createHash('sha256').update(pixels).digest('hex');
    if (seen.has(hash)) continue;
    seen.add(hash);
    (heldOut(emoji.hexcode) ? test : train).push({ pixels, label, hash });
  }
}
// Mixed, in an order that depends on nothing but the pictures.
for (const items of [train, test]) items.sort((a, b) => (a.hash < b.hash ? -1 : 1));

writeSet(
  'emoji',
  {
    title: { en: 'Emoji', zh: '表情符号' },
    source: 'npm @iconify-json/noto 1.2.9, twemoji 1.2.5, fluent-emoji-flat 1.2.6; groups from emojibase-data 17.0.0',
    licence: 'Apache-2.0, CC-BY-4.0, MIT',
    attribution:
      'Noto Emoji © Google, Apache-2.0; Twemoji © Twitter and contributors, CC-BY-4.0; Fluent Emoji © Microsoft, MIT; group names from emojibase (MIT)',
    channels: 3,
    size: 32,
    classes: [...GROUPS.values()].map(([en, zh]) => ({ en, zh })),
  },
  train,
  test,
);
