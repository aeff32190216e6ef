// The catalogues of Debian's sweethome3d-furniture: their entries, unpacked beside their models and icons, and fifteen classes by name.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cache, debianPackage } from './pack.mjs';

export const CLASSES = [
  ['table', '桌子', /\b(desk|table|workbench)\b/],
  ['chair', '椅子', /chair|\bstool\b|class seat/],
  ['armchair', '扶手椅', /armchair|relax chair/],
  ['sofa', '沙发', /sofa|couch/],
  ['bed', '床', /\bbed\b|crib/],
  [
    'cabinet',
    '柜子',
    /cabinet|wardrobe|dresser|\bchest\b|cupboard|bookcase|shelves|drawers|vanity|locker|bedside table/,
  ],
  ['lamp', '灯', /lamp|light\b|lights\b|lantern/],
  ['appliance', '电器', /oven|stove|fridge|refrigerator|washing machine|dryer|microwave|boiler|water heater|freezer/],
  [
    'vessel',
    '器皿',
    /bottle|^(beer |cocktail |wine )?glass$|\bcup$|mug|vase|bowl|\bjar\b|\bpot$|teapot|pottery|flacon/,
  ],
  ['plant', '植物', /plant|flower|tulip|orchid|yucca|bamboo|cactus|lily|spathiphyllum|ficus/],
  ['tree', '树', /tree|palm|hedge|\bpine\b|acacia|beech|cypress|maple|poplar|peach blossom|^bush$/],
  ['door', '门', /\bdoor\b/],
  ['window', '窗', /window/],
  ['person', '人物', /\b(male|female|boy|girl)\b/],
  ['car', '汽车', /sedan|truck|beetle|ford|seat leon|\bcar\b|peugeot|renault|\bbus\b|\bvan\b|suv|chevrolet/],
];
// Named like a class, but something else.
const NEITHER =
  /table fan|tennis bat|ottoman|cup cake|cutlery|window blind|shutter|elevator|winchester sofa set|woman shoes|lighter/;
// Where two names fit, the later of these wins.
const STRONGER = ['armchair', 'sofa', 'lamp', 'cabinet', 'appliance', 'car', 'door', 'window'];

function labelOf(name) {
  const low = name.toLowerCase();
  if (NEITHER.test(low)) return -1;
  const fitting = CLASSES.flatMap(([en, , words], label) => (words.test(low) ? [{ en, label }] : []));
  const strongest = fitting.sort((a, b) => STRONGER.indexOf(b.en) - STRONGER.indexOf(a.en))[0];
  return strongest?.label ?? -1;
}

function catalogue(file) {
  const entries = new Map();
  for (const line of readFileSync(file, 'latin1').split(/\r?\n/)) {
    const [, key, number, value] = /^(\w+)#(\d+)=(.*)$/.exec(line) ?? [];
    if (!key) continue;
    if (!entries.has(number)) entries.set(number, {});
    entries.get(number)[key] = value.replace(/\\u([0-9a-fA-F]{4})/g, (_, hex) =>
      String.fromCharCode(parseInt(hex, 16)),
    );
  }
  return [...entries.values()];
}

/** Vertices and triangles of an OBJ file; polygons become fans. */
export function readObj(text) {
  const positions = [];
  const triangles = [];
  for (const line of text.split(/\r?\n/)) {
    const words = line.trim().split(/\s+/);
    if (words[0] === 'v') positions.push(...words.slice(1, 4).map(Number));
    if (words[0] !== 'f') continue;
    const corners = words.slice(1).map((w) => {
      const n = parseInt(w, 10);
      return n > 0 ? n - 1 : positions.length / 3 + n;
    });
    for (let k = 2; k < corners.length; k++) triangles.push(corners[0], corners[k - 1], corners[k]);
  }
  return { positions, triangles };
}

/** All entries of the five catalogues with a class, in order: what the catalogue says, the class, the licence and the folder of the files. */
export function furniture() {
  const folder = join(debianPackage('sweethome3d-furniture'), 'usr/share/sweethome3d/furniture');
  const found = [];
  for (const file of readdirSync(folder).sort()) {
    const library = file.replace('.sh3f', '');
    const unpacked = join(cache, 'sh3f', library);
    if (!existsSync(unpacked)) execFileSync('unzip', ['-qo', join(folder, file), '-d', unpacked]);
    const licence = library === 'BlendSwap-CC-0' ? 'CC0' : 'CC-BY-3.0';
    for (const entry of catalogue(join(unpacked, 'PluginFurnitureCatalog.properties'))) {
      const label = labelOf(entry.name ?? '');
      if (label >= 0) found.push({ entry, label, licence, library, unpacked });
    }
  }
  return found;
}
