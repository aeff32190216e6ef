// npm start: installs what is missing, builds where sources are newer than the build, serves it, prints the address, opens a browser.
//   --port N    the port to try first (4173); --no-open    opens no browser
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkNode, fail, installPackages, onPath, root } from './setup.mjs';

const SOURCES = ['index.html', 'src', 'shaders', 'public', 'tests/golden', 'vite.config.ts', 'svelte.config.js'];

function readArguments() {
  try {
    const options = { port: { type: 'string', default: '4173' }, 'no-open': { type: 'boolean', default: false } };
    const { values } = parseArgs({ options });
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Error(`--port ${values.port}: it is no port`);
    return { port, open: !values['no-open'] };
  } catch (error) {
    console.error(`${error.message}; usage: npm start -- [--port N] [--no-open]`);
    process.exit(2);
  }
}

/** When anything at or below a path was last changed, ms. A folder's own time tells of files that went away. */
function newest(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return 0;
  const below = stat.isDirectory() ? readdirSync(path).map((name) => newest(join(path, name))) : [];
  return Math.max(stat.mtimeMs, ...below);
}

function build() {
  const built = join(root, 'dist/index.html');
  const sources = [...SOURCES, 'package-lock.json'].map((path) => newest(join(root, path)));
  if (existsSync(built) && statSync(built).mtimeMs >= Math.max(...sources)) return;
  console.log('Building …');
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  const { status } = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) fail('The build failed: see its message above.');
}

function openBrowser(address) {
  const opener = { darwin: 'open', win32: 'explorer' }[process.platform] ?? 'xdg-open';
  const display = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  if (!display || process.env.CI || (process.platform === 'linux' && !onPath(opener))) return;
  // The address is printed anyway: a browser that does not open is no failure.
  spawn(opener, [address], { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref();
}

checkNode();
const { port: wanted, open } = readArguments();
installPackages();
build();
const { serve } = await import('./serve.mjs');
const { port } = await serve(join(root, 'dist'), wanted).catch((error) =>
  fail(
    `No port could be opened from ${wanted} upwards (${error.message}); choose another with "npm start -- --port N".`,
  ),
);
const address = `http://localhost:${port}/`;
console.log(`Glimpse is at ${address} (stop with Ctrl+C)`);
if (open) openBrowser(address);
