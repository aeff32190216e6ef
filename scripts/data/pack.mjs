// What the packing scripts share: fetching Debian packages, the packed file, the card.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const cache = join(root, '.cache/data');

/** Downloads a Debian package (without installing it) and gives the folder that it was unpacked to. */
export function debianPackage(name) {
  const folder = join(cache, name);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  execFileSync('apt-get', ['download', name], { cwd: cache, stdio: 'inherit' });
  const file = readdirSync(cache).find((f) => f.startsWith(`${name}_`) && f.endsWith('.deb'));
  execFileSync('dpkg', ['-x', join(cache, file), folder]);
  return folder;
}

/** Installs npm packages into a folder of their own, outside the project's dependencies; gives its node_modules. */
export function npmPackages(names) {
  const folder = join(cache, 'npm');
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, 'package.json'))) writeFileSync(join(folder, 'package.json'), '{"private":true}');
  execFileSync('npm', ['install', '--no-audit', '--no-fund', ...names], { cwd: folder, stdio: 'inherit' });
  return join(folder, 'node_modules');
}

/**
 * Writes public/data/<id>/data.bin.gz (train pixels, test pixels, train labels, test labels; bytes) and card.json.
 * items: {pixels: Uint8Array (C·S·S), label}[]
 */
export function writeSet(id, card, train, test) {
  const bytes = Buffer.concat([
    ...train.map((i) => i.pixels),
    ...test.map((i) => i.pixels),
    Uint8Array.from(train, (i) => i.label),
    Uint8Array.from(test, (i) => i.label),
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
    train: train.length,
    test: test.length,
    bytes: packed.length,
    sha256: createHash('sha256').update(packed).digest('hex'),
  };
  writeFileSync(join(folder, 'card.json'), `${JSON.stringify(full, null, 2)}\n`);
  console.log(`${id}: ${train.length} + ${test.length} images, ${(packed.length / 1e6).toFixed(2)} MB`);
}
