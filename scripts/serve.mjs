// A static server for the build, on this machine only. Takes the next free port when the wanted one is taken.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

/** Serves a folder below `prefix` (a sub-path such as /some/where/). */
export function serve(folder, wanted, prefix = '/') {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const inside = path.startsWith(prefix) ? normalize(join(folder, path.slice(prefix.length))) : '';
    const file = inside && existsSync(inside) && statSync(inside).isDirectory() ? join(inside, 'index.html') : inside;
    if (!file || !(file + sep).startsWith(normalize(folder) + sep) || !existsSync(file)) {
      response.writeHead(404).end('not found');
      return;
    }
    response.writeHead(200, {
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
      'cache-control': 'no-cache',
    });
    createReadStream(file).pipe(response);
  });
  return new Promise((resolve, reject) => {
    let port = wanted;
    server.on('error', (error) => {
      if (error.code === 'EADDRINUSE' && port < wanted + 50) server.listen(++port, '127.0.0.1');
      else reject(error);
    });
    server.on('listening', () => resolve({ port: server.address().port, close: () => server.close() }));
    server.listen(port, '127.0.0.1');
  });
}
