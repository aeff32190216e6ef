// A static server for the build, for this machine only. Takes the next free port when the wanted one is taken.
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { pipeline } from 'node:stream';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

/** How many ports after the wanted one are tried. */
const PORTS = 50;

/** The file that an address names inside `folder`, with its size; undefined where there is none. */
function fileAt(folder, prefix, url) {
  try {
    const path = decodeURIComponent(new URL(url, 'http://localhost').pathname);
    if (!path.startsWith(prefix)) return undefined;
    const inside = normalize(join(folder, path.slice(prefix.length)));
    if (!(inside + sep).startsWith(normalize(folder + sep))) return undefined;
    const file = statSync(inside).isDirectory() ? join(inside, 'index.html') : inside;
    return { file, size: statSync(file).size };
  } catch {
    // A malformed address, or no such file: both are "not found".
    return undefined;
  }
}

/**
 * Serves a folder below `prefix` (a sub-path such as /some/where/) from the port `wanted` upwards.
 * Resolves to its port and a function that stops it.
 */
export function serve(folder, wanted, prefix = '/') {
  const server = createServer((request, response) => {
    const found = fileAt(folder, prefix, request.url ?? '/');
    if (!found) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('not found');
      return;
    }
    response.writeHead(200, {
      'content-type': TYPES[extname(found.file)] ?? 'application/octet-stream',
      'content-length': found.size,
      'cache-control': 'no-cache',
    });
    if (request.method === 'HEAD') response.end();
    // A reader that leaves early is no error of ours.
    else pipeline(createReadStream(found.file), response, () => undefined);
  });
  return new Promise((resolve, reject) => {
    let port = wanted;
    // The name, not 127.0.0.1: the browser may take `localhost` for ::1, where another server could hold the same port.
    const listen = () => server.listen(port, 'localhost');
    server.on('error', (error) => {
      if (error.code !== 'EADDRINUSE' || port >= wanted + PORTS) return reject(error);
      port++;
      listen();
    });
    server.on('listening', () => {
      const close = () => {
        server.close();
        server.closeAllConnections();
      };
      resolve({ port: server.address().port, close });
    });
    listen();
  });
}
