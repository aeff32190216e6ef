// What the packing scripts of shapes share: the project's own sampling of surfaces, splits by family, the packed file, the card.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createServer } from 'vite';
import { root } from './pack.mjs';

/** The exports of a TypeScript file of the project, as the page has them. */
export async function loadSource(path) {
  const server = await createServer({
    root,
    configFile: false,
    appType: 'custom',
    logLevel: 'error',
    server: { middlewareMode: true, hmr: false, watch: null, ws: false },
    optimizeDeps: { noDiscovery: true },
  });
  const module = await server.ssrLoadModule(path);
  await server.close();
  return module;
}

/** A number in 0 … 1 that depends on the text alone. */
export function chanceOf(text) {
  return createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32;
}

/**
 * Marks about a share of each class's shapes as held out, whole families at a time, in an order that depends on their names alone; never
 * all families of a class.
 */
export function holdOut(shapes, share) {
  const heldOut = new Set();
  for (const label of new Set(shapes.map((s) => s.label))) {
    const own = shapes.filter((s) => s.label === label);
    const families = [...new Set(own.map((s) => s.family))].sort((a, b) => chanceOf(a) - chanceOf(b));
    let taken = 0;
    for (const family of families.slice(0, -1)) {
      const size = own.filter((s) => s.family === family).length;
      // A family that would more than double the share stays in training.
      if (taken + size > own.length * share * 1.6) continue;
      taken += size;
      heldOut.add(`${label} ${family}`);
      if (taken >= own.length * share) break;
    }
  }
  return { heldOut: (s) => heldOut.has(`${s.label} ${s.family}`) };
}

const unit = (v) => Math.max(-127, Math.min(127, Math.round(v * 127)));

/** Bits of three 8-bit numbers in turns: points near each other in this order are near each other in space. */
function morton(x, y, z) {
  let code = 0;
  for (let bit = 7; bit >= 0; bit--) code = code * 8 + ((x >> bit) & 1) * 4 + ((y >> bit) & 1) * 2 + ((z >> bit) & 1);
  return code;
}

function octahedral(x, y, z) {
  const sum = Math.abs(x) + Math.abs(y) + Math.abs(z) || 1;
  let [a, b] = [x / sum, y / sum];
  if (z < 0) {
    const fold = (p, q) => (1 - Math.abs(q)) * (p < 0 ? -1 : 1);
    [a, b] = [fold(a, b), fold(b, a)];
  }
  return [unit(a) & 0xff, unit(b) & 0xff];
}

/** Six planes of a cloud in the unit sphere: differences of x, y, z along the Morton order, two of the normal, part. */
function planesOf({ points, normals, parts }) {
  const count = parts.length;
  const at = (i, c) => unit(points[3 * i + c]);
  const code = (i) => morton(at(i, 0) + 128, at(i, 1) + 128, at(i, 2) + 128);
  const order = Array.from({ length: count }, (_, i) => i).sort((a, b) => code(a) - code(b) || a - b);
  const planes = Array.from({ length: 6 }, () => new Uint8Array(count));
  order.forEach((i, place) => {
    for (let c = 0; c < 3; c++) planes[c][place] = at(i, c) - (place > 0 ? at(order[place - 1], c) : 0);
    const [a, b] = octahedral(normals[3 * i], normals[3 * i + 1], normals[3 * i + 2]);
    planes[3][place] = a;
    planes[4][place] = b;
    planes[5][place] = parts[i];
  });
  return planes;
}

/** Which parts a class has: those that make up a hundredth of its points at least, in a tenth of its shapes. */
function partsOfClasses(shapes, classes, parts) {
  return classes.map((_, label) => {
    const own = shapes.filter((s) => s.label === label);
    const has = (s, part) => s.cloud.parts.filter((p) => p === part).length >= s.cloud.parts.length / 100;
    return parts.map((_, part) => part).filter((part) => own.filter((s) => has(s, part)).length >= own.length / 10);
  });
}

/** Points of parts that a class does not have (too few of them to learn) go to the class's first part. */
function keepParts(cloud, kept) {
  cloud.parts.forEach((part, i) => {
    if (kept.length > 0 && !kept.includes(part)) cloud.parts[i] = kept[0];
  });
}

/**
 * Writes public/data/<id>: data.bin.gz (the format is told in src/data/loadShapes.ts), card.json, shapes.json.
 * shapes: {cloud, radius (metres), label, name, creator, licence, family}[]
 */
export function writeShapes(id, card, train, test) {
  const shapes = [...train, ...test];
  const partsOf = partsOfClasses(shapes, card.classes, card.parts);
  for (const { label, cloud } of shapes) keepParts(cloud, partsOf[label]);
  const planes = shapes.map((s) => planesOf(s.cloud));
  const stored = card.parts.length > 0 ? [0, 1, 2, 3, 4, 5] : [0, 1, 2, 3, 4];
  const radii = Buffer.alloc(2 * shapes.length);
  shapes.forEach((s, i) => radii.writeUInt16LE(Math.max(1, Math.min(65535, Math.round(s.radius * 1000))), 2 * i));
  const bytes = Buffer.concat([
    ...stored.flatMap((p) => planes.map((own) => own[p])),
    Uint8Array.from(shapes, (s) => s.label),
    radii,
  ]);
  const packed = gzipSync(bytes, { level: 9 });
  // The gzip header names the packing machine's system: fixed, so that the file does not depend on it.
  packed[9] = 255;
  const folder = join(root, 'public/data', id);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'data.bin.gz'), packed);
  const full = {
    id,
    ...card,
    points: shapes[0].cloud.parts.length,
    partsOf,
    train: train.length,
    test: test.length,
    bytes: packed.length,
    sha256: createHash('sha256').update(packed).digest('hex'),
  };
  writeFileSync(join(folder, 'card.json'), `${JSON.stringify(full, null, 2)}\n`);
  const facts = shapes.map(({ name, creator, licence, family }) => ({ name, creator, licence, family }));
  writeFileSync(join(folder, 'shapes.json'), `[\n${facts.map((f) => JSON.stringify(f)).join(',\n')}\n]\n`);
  const perClass = card.classes.map((c, label) => {
    const count = (list) => list.filter((s) => s.label === label).length;
    return `${c.en} ${count(train)}+${count(test)}`;
  });
  console.log(
    `${id}: ${train.length} + ${test.length} shapes, ${(packed.length / 1e6).toFixed(2)} MB; ${perClass.join(', ')}`,
  );
}

/** The shapes in an order that depends on their names alone. */
export function mixed(shapes) {
  return [...shapes].sort((a, b) => chanceOf(a.name + a.family) - chanceOf(b.name + b.family));
}
