// Furniture and what stands around it: the catalogues of Debian's sweethome3d-furniture, models of fifteen classes by their names, brought
// to the catalogue's sizes, 2,048 points of each surface. Split by model; models of equal numbers of vertices and faces are one family,
// since the catalogues sell the same shape in several colours.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLASSES, furniture, readObj } from './furnitureCatalogue.mjs';
import { holdOut, loadSource, mixed, writeShapes } from './shapes.mjs';

const POINTS = 2048;
const HELD_OUT = 0.2;

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

const { sampleSurface, normaliseCloud } = await loadSource('/src/data/cloud.ts');
const { Draws } = await loadSource('/src/data/draws.ts');
const shapes = [];
for (const { entry, label, licence, library, unpacked } of furniture()) {
  const model = join(unpacked, entry.model ?? '');
  if (!model.endsWith('.obj') || !existsSync(model)) continue;
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
