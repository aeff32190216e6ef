// Which file below a folder imports which, read off the text: enough to find cycles, and fast.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** A static import or re-export of something that exists at run time; `import type` leaves nothing behind. */
const STATIC_IMPORT = /^\s*(?:import|export)\s+(?!type\b)(?:[^'";]*?\bfrom\s*)?'(\.[^']*)'/gm;
const SOURCE = /\.(ts|js|mjs|svelte)$/;
const ENDINGS = ['', '.ts', '.js', '.svelte', '/index.ts'];

/** The file that a relative import names, or undefined (style sheets, `?raw` and the like are no part of the graph). */
export function resolveImport(from, specifier) {
  const base = resolve(dirname(from), specifier);
  const file = ENDINGS.map((ending) => base + ending).find((path) => existsSync(path) && statSync(path).isFile());
  return file && SOURCE.test(file) ? file : undefined;
}

/** Every source file below `folder` with the files that it imports statically. */
export function readGraph(folder) {
  const files = readdirSync(folder, { recursive: true })
    .map((name) => join(folder, name))
    .filter((file) => SOURCE.test(file) && !file.endsWith('.d.ts'));
  return new Map(
    files.map((file) => {
      const specifiers = [...readFileSync(file, 'utf8').matchAll(STATIC_IMPORT)].map((match) => match[1]);
      return [file, specifiers.map((name) => resolveImport(file, name)).filter((path) => path !== undefined)];
    }),
  );
}

/** The shortest way from one file to another, both included, or undefined. */
export function pathBetween(graph, from, to) {
  const cameFrom = new Map([[from, undefined]]);
  const queue = [from];
  for (const file of queue) {
    if (file === to) {
      const path = [];
      for (let step = file; step !== undefined; step = cameFrom.get(step)) path.unshift(step);
      return path;
    }
    for (const next of graph.get(file) ?? []) {
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, file);
      queue.push(next);
    }
  }
  return undefined;
}
