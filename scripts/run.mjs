// Runs a TypeScript program of the project in Node through Vite, so that `import.meta.glob`, `?raw` and JSON mean there what they
// mean in the page: node scripts/run.mjs src/cli/main.ts [arguments]. The program exports `main(args): Promise<exit code>`.
// Nothing but the program writes to stdout.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkNode, fail, installPackages, root } from './setup.mjs';

const [file, ...args] = process.argv.slice(2);
if (!file) {
  console.error('usage: node scripts/run.mjs FILE.ts [arguments]');
  process.exit(2);
}
if (!existsSync(join(root, file))) fail(`${file}: there is no such program in ${root}.`);
checkNode();
installPackages();

const { createServer } = await import('vite');
const server = await createServer({
  root,
  configFile: false,
  appType: 'custom',
  logLevel: 'error',
  server: { middlewareMode: true, hmr: false, watch: null, ws: false },
  optimizeDeps: { noDiscovery: true },
  // Native and WebAssembly packages find their own files: Node loads them as they are.
  ssr: { external: ['webgpu', 'onnxruntime-web'] },
});
let code = 1;
try {
  const program = await server.ssrLoadModule(`/${file}`);
  if (typeof program.main !== 'function') fail(`${file}: it exports no main(args).`);
  code = await program.main(args);
} catch (error) {
  if (error instanceof Error) server.ssrFixStacktrace(error);
  console.error(error instanceof Error ? error.stack : String(error));
}
await server.close();
// Dawn keeps threads alive that would hold the process open.
process.exit(code);
