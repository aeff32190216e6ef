// Furniture and what stands around it: the catalogues of Debian's sweethome3d-furniture, models of fifteen classes by their names, brought
// to the catalogue's sizes, 2,048 points of each surface. Split by model; models of equal numbers of vertices and faces are one family,
// since the catalogues sell the same shape in several colours.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cache, debianPackage } from './pack.mjs';
import { holdOut, loadSource, mixed, writeShapes } from './shapes.mjs';

const POINTS = 2048;
const HELD_OUT = 0.2;

const CLASSES = [
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
function readObj(text) {
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

/** Turned by the catalogue's matrix, then stretched to its width, height and depth in metres: as the program does. */
function fitted({ positions, triangles }, entry) {
  const m = entry.modelRotation?.split(/\s+/).map(Number) ?? [1, 0, 0, 0, 1, 0, 0, 0, 1];
  const turned = new Float64Array(positions.length);
  for (let i = 0; i < positions.length; i += 3)
    for (let r = 0; r < 3; r++)
      turned[i + r] = m[3 * r] * positions[i] + m[3 * r + 1] * positions[i + 1] + m[3 * r + 2] * positions[i + 2];
  const size = [entry.width, entry.height, entry.depth].map((v) => Number(v) / 100);
  for (let c = 0; c < 3; c++) {
    let [low, high] = [Infinity, -Infinity];
    for (const t of triangles) {
      low = Math.min(low, turned[3 * t + c]);
      high = Math.max(high, turned[3 * t + c]);
    }
    const scale = high > low ? size[c] / (high - low) : 1;
    for (let i = c; i < turned.length; i += 3) turned[i] = (turned[i] - low) * scale;
  }
  return { positions: turned, triangles };
}

const folder = join(debianPackage('sweethome3d-furniture'), 'usr/share/sweethome3d/furniture');
const { sampleSurface, normaliseCloud } = await loadSource('/src/data/cloud.ts');
const { Draws } = await loadSource('/src/data/draws.ts');
const shapes = [];
for (const file of readdirSync(folder).sort()) {
  const library = file.replace('.sh3f', '');
  const unpacked = join(cache, 'sh3f', library);
  if (!existsSync(unpacked)) execFileSync('unzip', ['-qo', join(folder, file), '-d', unpacked]);
  const licence = library === 'BlendSwap-CC-0' ? 'CC0' : 'CC-BY-3.0';
  for (const entry of catalogue(join(unpacked, 'PluginFurnitureCatalog.properties'))) {
    const label = labelOf(entry.name ?? '');
    const model = join(unpacked, entry.model ?? '');
    if (label < 0 || !model.endsWith('.obj') || !existsSync(model)) continue;
    const mesh = readObj(readFileSync(model, 'latin1'));
    const draws = new Draws(1, `${library} ${entry.id}`);
    try {
      const { cloud, radius } = normaliseCloud(sampleSurface(fitted(mesh, entry), POINTS, draws));
      const family = `${mesh.positions.length / 3}v ${mesh.triangles.length / 3}t`;
      shapes.push({ cloud, radius, label, name: entry.name, creator: entry.creator, licence, family });
    } catch (error) {
      console.warn(`${entry.name} (${entry.model}): ${error.message}; left out`);
    }
  }
}

const { heldOut } = holdOut(shapes, HELD_OUT);
const creators = [...new Set(shapes.map((s) => s.creator))].sort();
writeShapes(
  'furniture',
  {
    title: { en: 'Furniture', zh: '家具' },
    source: 'Sweet Home 3D additional models, Debian package sweethome3d-furniture 1.8-1; sampled from their surfaces',
    licence: 'CC-BY-3.0, CC0 (which, for each model: shapes.json)',
    attribution: `Models from the Sweet Home 3D catalogues by ${creators.join(', ')}`,
    classes: CLASSES.map(([en, zh]) => ({ en, zh })),
    parts: [],
  },
  mixed(shapes.filter((s) => !heldOut(s))),
  mixed(shapes.filter((s) => heldOut(s))),
);
