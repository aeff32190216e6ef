// npm start: installs what is missing, builds where sources are newer than the build, serves it, prints the address, opens a browser.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { checkNode, installPackages, root } from './setup.mjs';

checkNode();
installPackages();

function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

const built = join(root, 'dist/index.html');
const sources = ['index.html', 'src', 'shaders', 'public', 'vite.config.ts', 'package-lock.json'].map((p) =>
  newest(join(root, p)),
);
if (!existsSync(built) || statSync(built).mtimeMs < Math.max(...sources)) {
  execFileSync(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn'], {
    cwd: root,
    stdio: 'inherit',
  });
}

const args = process.argv.slice(2);
const wanted = Number(args[args.indexOf('--port') + 1]);
const { serve } = await import('./serve.mjs');
const { port } = await serve(join(root, 'dist'), args.includes('--port') && wanted > 0 ? wanted : 4173);
const address = `http://localhost:${port}/`;
console.log(`Glimpse is at ${address} (stop with Ctrl+C)`);

const opener = { darwin: 'open', win32: 'explorer' }[process.platform] ?? 'xdg-open';
const display = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
if (display && !process.env.CI && !args.includes('--no-open')) {
  spawn(opener, [address], { stdio: 'ignore', detached: true }).on('error', () => undefined);
}
