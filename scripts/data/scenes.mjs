// What detection scenes are composed of: cut-out sprites (furniture icons of Debian's sweethome3d-furniture; emoji of three drawing styles) and
// photographs to paste them on. Sprites are split by model family and by code point, photographs by photograph.
//
// public/data/scenes/data.bin.gz, bytes: per set in the card's order its sprites, RGBA planes of size × size each, row deltas; then the
// photographs, RGB planes of height × width, row deltas. What each sprite shows stands in sprites.json.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CLASSES, furniture, readObj } from './furnitureCatalogue.mjs';
import { debianPackage, npmPackages, root } from './pack.mjs';
import { holdOut } from './shapes.mjs';

const SIZE = 64;
const PHOTO = { width: 256, height: 192 };
const MOST_OF_A_CLASS = 48;
const EMOJI_OF_A_CLASS = 50;
// Fewer sprites than this make no class.
const FEWEST = 12;

const modules = npmPackages([
  'sharp@0.35.5',
  'emojibase-data@17.0.0',
  '@iconify-json/noto@1.2.9',
  '@iconify-json/twemoji@1.2.5',
  '@iconify-json/fluent-emoji-flat@1.2.6',
]);
const require = createRequire(join(modules, 'x.js'));
const sharp = require('sharp');

const chanceOf = (text) => createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32;
const byChance = (items) => [...items].sort((a, b) => chanceOf(a.key) - chanceOf(b.key));

/** RGBA planes of a picture, trimmed to what is not transparent and fitted into SIZE × SIZE; nothing where hardly anything is left. */
async function spriteOf(input) {
  const trimmed = sharp(input).ensureAlpha().trim({ background: '#00000000', threshold: 4 });
  const raw = await trimmed.resize(SIZE, SIZE, { fit: 'contain', background: '#00000000' }).raw().toBuffer();
  const planes = new Uint8Array(4 * SIZE * SIZE);
  let covered = 0;
  for (let i = 0; i < SIZE * SIZE; i++) {
    const alpha = raw[4 * i + 3];
    if (alpha > 127) covered++;
    // What is transparent has no colour: packs better.
    for (let c = 0; c < 3; c++) planes[c * SIZE * SIZE + i] = alpha === 0 ? 0 : raw[4 * i + c];
    planes[3 * SIZE * SIZE + i] = alpha;
  }
  return covered < 0.08 * SIZE * SIZE ? undefined : planes;
}

/** Sprites without those whose pixels are there already. */
function distinct(sprites) {
  const seen = new Set();
  return sprites.filter(({ pixels }) => {
    const hash = createHash('sha256').update(pixels).digest('hex');
    return !seen.has(hash) && seen.add(hash);
  });
}

async function furnitureSprites() {
  const found = [];
  for (const { entry, label, licence, unpacked } of furniture()) {
    const [icon, model] = [entry.icon, entry.model].map((path) => join(unpacked, path ?? ''));
    if (!icon.endsWith('.png') || !existsSync(icon) || !existsSync(model)) continue;
    const pixels = await spriteOf(icon).catch(() => undefined);
    if (!pixels) continue;
    const mesh = model.endsWith('.obj') ? readObj(readFileSync(model, 'latin1')) : undefined;
    const family = mesh ? `${mesh.positions.length / 3}v ${mesh.triangles.length / 3}t` : entry.model;
    found.push({ pixels, label, name: entry.name, creator: entry.creator, licence, family, key: `${entry.id}` });
  }
  const kept = CLASSES.flatMap((_, label) => {
    const own = byChance(distinct(found.filter((s) => s.label === label))).slice(0, MOST_OF_A_CLASS);
    return own.length < FEWEST ? [] : own;
  });
  const { heldOut } = holdOut(kept, 0.25);
  const classes = CLASSES.map(([en, zh]) => ({ en, zh }));
  return { classes, sprites: kept.map((s) => ({ ...s, heldOut: heldOut(s) })) };
}

// Groups of Unicode that show things.
const GROUPS = [
  [0, 'smiley', '笑脸'],
  [3, 'animal or plant', '动植物'],
  [4, 'food', '食物'],
  [5, 'travel', '旅行'],
  [6, 'activity', '活动'],
  [7, 'object', '物品'],
];
const STYLES = [
  ['noto', 'Google', 'Apache-2.0'],
  ['twemoji', 'Twitter and contributors', 'CC-BY-4.0'],
  ['fluent-emoji-flat', 'Microsoft', 'MIT'],
];

async function emojiSprites() {
  const all = require('emojibase-data/en/data.json');
  const sprites = [];
  for (const [label, [group]] of GROUPS.entries()) {
    const codes = byChance(all.filter((e) => e.group === group).map((e) => ({ ...e, key: e.hexcode })));
    // One style for a code point: the styles redraw the same emoji.
    const own = [];
    for (const [i, emoji] of codes.entries()) {
      if (own.length >= EMOJI_OF_A_CLASS) break;
      const [style, creator, licence] = STYLES[i % STYLES.length];
      const set = require(`@iconify-json/${style}/icons.json`);
      const chars = require(`@iconify-json/${style}/chars.json`);
      const code = emoji.hexcode.toLowerCase();
      const icon = set.icons[chars[code] ?? chars[code.replaceAll('-fe0f', '')]];
      if (!icon) continue;
      const [width, height] = [icon.width ?? set.width ?? 16, icon.height ?? set.height ?? 16];
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="128" height="128" viewBox="0 0 ${width} ${height}">${icon.body}</svg>`;
      const pixels = await spriteOf(Buffer.from(svg)).catch(() => undefined);
      if (pixels) own.push({ pixels, label, name: emoji.label, creator, licence, key: emoji.hexcode });
    }
    sprites.push(...distinct(own).map((s, i) => ({ ...s, heldOut: i % 4 === 3 })));
  }
  return { classes: GROUPS.map(([, en, zh]) => ({ en, zh })), sprites };
}

// Photographs with a licence that does not bind what is made of them; the last three are held out.
const WALLPAPERS = 'usr/share/backgrounds';
const IMAGES = 'usr/lib/python3/dist-packages/sklearn/datasets/images';
const PHOTOS = [
  ['lomiri-wallpapers-16.04', `${WALLPAPERS}/aitzgorri_by_Aitzol_Berasategi.jpg`, 'Aitzol Berasategi', 'CC-BY-4.0'],
  ['lomiri-wallpapers-16.04', `${WALLPAPERS}/friends_by_Aitzol_Berasategi.jpg`, 'Aitzol Berasategi', 'CC-BY-4.0'],
  ['lomiri-wallpapers-16.04', `${WALLPAPERS}/life_by_Aitzol_Berasategi.jpg`, 'Aitzol Berasategi', 'CC-BY-4.0'],
  ['lomiri-wallpapers-16.04', `${WALLPAPERS}/Picture_0B_by_freespace.jpg`, 'Trevor "Freespace"', 'CC-BY-4.0'],
  ['lomiri-wallpapers-16.04', `${WALLPAPERS}/seeding_by_Clements_Engelhardt.jpg`, 'Clemens Engelhardt', 'CC0'],
  ['lomiri-wallpapers-16.04', `${WALLPAPERS}/sunset_by_Aitzol_Berasategi.jpg`, 'Aitzol Berasategi', 'CC-BY-4.0'],
  ['lomiri-wallpapers-16.04', `${WALLPAPERS}/Wine_by_Jakkub_Mede.jpg`, 'Jakub Mede', 'CC-BY-4.0'],
  ['python3-sklearn', `${IMAGES}/flower.jpg`, 'danielbuechele (flickr.com/photos/vultilion)', 'CC-BY-2.0'],
  ['lomiri-wallpapers-16.04', `${WALLPAPERS}/umang_by_Abhishek_Mudgal.jpg`, 'Abhishek Mudgal', 'CC-BY-4.0'],
  ['lomiri-wallpapers-16.04', `${WALLPAPERS}/picosdeeuropa_by_Aitzol_Berasategi.jpg`, 'Aitzol Berasategi', 'CC-BY-4.0'],
  ['lomiri-wallpapers-16.04', `${WALLPAPERS}/Picture_1A_by_freespace.jpg`, 'Trevor "Freespace"', 'CC-BY-4.0'],
  ['python3-sklearn', `${IMAGES}/china.jpg`, 'danielbuechele', 'CC-BY-2.0'],
];
const HELD_OUT_PHOTOS = 3;

async function photographs() {
  const made = [];
  for (const [i, [name, path, creator, licence]] of PHOTOS.entries()) {
    const raw = await sharp(join(debianPackage(name), path))
      .resize(PHOTO.width, PHOTO.height, { fit: 'cover' })
      .removeAlpha()
      .raw()
      .toBuffer();
    const plane = PHOTO.width * PHOTO.height;
    const pixels = new Uint8Array(3 * plane);
    for (let k = 0; k < plane; k++) for (let c = 0; c < 3; c++) pixels[c * plane + k] = raw[3 * k + c];
    made.push({
      pixels,
      creator,
      licence,
      name: path.split('/').at(-1),
      heldOut: i >= PHOTOS.length - HELD_OUT_PHOTOS,
    });
  }
  return made;
}

/** Each element less the one left of it, within rows: smooth pictures become small numbers. */
function deltas(pixels, width) {
  return pixels.map((v, i) => (i % width === 0 ? v : (v - pixels[i - 1]) & 255));
}

const sets = [
  { id: 'furniture', title: { en: 'Furniture', zh: '家具' }, ...(await furnitureSprites()) },
  { id: 'emoji', title: { en: 'Emoji', zh: '表情符号' }, ...(await emojiSprites()) },
];
const names = (items) => [...new Set(items.map((i) => i.creator).filter(Boolean))].sort().join(', ');
const [furniture, emoji] = sets;
furniture.attribution = `Furniture from the Sweet Home 3D catalogues by ${names(furniture.sprites)}`;
emoji.attribution =
  'Noto Emoji © Google, Apache-2.0; Twemoji © Twitter and contributors, CC-BY-4.0; Fluent Emoji © Microsoft, MIT';
// Classes that have sprites, numbered anew.
for (const set of sets) {
  const used = set.classes.flatMap((_, label) => (set.sprites.some((s) => s.label === label) ? [label] : []));
  set.sprites = set.sprites.map((s) => ({ ...s, label: used.indexOf(s.label) }));
  set.classes = used.map((label) => set.classes[label]);
}
const photos = await photographs();
const bytes = Buffer.concat([
  ...sets.flatMap((set) => set.sprites.map((s) => deltas(s.pixels, SIZE))),
  ...photos.map((p) => deltas(p.pixels, PHOTO.width)),
]);
const packed = gzipSync(bytes, { level: 9 });
packed[9] = 255;
const folder = join(root, 'public/data/scenes');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'data.bin.gz'), packed);
const listed = ({ label, name, creator, licence, heldOut }) => ({ label, name, creator, licence, heldOut });
const lines = (items) => items.map((i) => `  ${JSON.stringify(i)}`).join(',\n');
const parts = [
  ...sets.map((s) => [s.id, s.sprites.map(listed)]),
  ['photographs', photos.map(({ pixels: _, ...p }) => p)],
];
writeFileSync(
  join(folder, 'sprites.json'),
  `{\n${parts.map(([id, items]) => `"${id}": [\n${lines(items)}\n]`).join(',\n')}\n}\n`,
);
const photographers = `photographs by ${names(photos)}`;
const card = {
  id: 'scenes',
  title: { en: 'Scenes', zh: '场景' },
  source:
    'Icons of the Sweet Home 3D additional models, Debian package sweethome3d-furniture 1.8-1; npm @iconify-json/noto 1.2.9, twemoji 1.2.5, fluent-emoji-flat 1.2.6, groups from emojibase-data 17.0.0; photographs of Debian packages lomiri-wallpapers-16.04 20.04.0-2 and python3-sklearn 1.2.1',
  licence: 'CC0, CC-BY-2.0, CC-BY-3.0, CC-BY-4.0, Apache-2.0, MIT (which, for each picture: sprites.json)',
  attribution: [...sets.map((set) => set.attribution), photographers].join('; '),
  photographers,
  size: SIZE,
  photo: PHOTO,
  sets: sets.map(({ id, title, attribution, classes, sprites }) => ({
    ...{ id, title, attribution, classes },
    sprites: sprites.length,
  })),
  photographs: photos.length,
  // Sprites of both sets.
  train: sets.flatMap((set) => set.sprites).filter((s) => !s.heldOut).length,
  test: sets.flatMap((set) => set.sprites).filter((s) => s.heldOut).length,
  bytes: packed.length,
  sha256: createHash('sha256').update(packed).digest('hex'),
};
writeFileSync(join(folder, 'card.json'), `${JSON.stringify(card, null, 2)}\n`);
for (const { id, classes, sprites } of sets) {
  const counts = classes.map(({ en }, i) => `${en} ${sprites.filter((s) => s.label === i).length}`);
  console.log(
    `${id}: ${sprites.length} sprites, ${sprites.filter((s) => s.heldOut).length} held out; ${counts.join(', ')}`,
  );
}
console.log(`scenes: ${(packed.length / 1e6).toFixed(2)} MB`);
