// Runs a TypeScript program of the project in Node through Vite, so that `import.meta.glob`, `?raw` and JSON mean there what they
// mean in the page: node scripts/run.mjs src/cli/main.ts [arguments]. The program exports `main(args): Promise<exit code>`.
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const [file, ...args] = process.argv.slice(2);
if (!file) {
  console.error('usage: node scripts/run.mjs FILE.ts [arguments]');
  process.exit(2);
}

const server = await createServer({
  root,
  configFile: false,
  appType: 'custom',
  logLevel: 'error',
  server: { middlewareMode: true, hmr: false, watch: null, ws: false },
  optimizeDeps: { noDiscovery: true },
  ssr: { external: ['webgpu', 'onnxruntime-web'] },
});
let code = 1;
try {
  const program = await server.ssrLoadModule(`/${file}`);
  code = await program.main(args);
} catch (error) {
  console.error(error instanceof Error ? error.stack : String(error));
}
await server.close();
// Dawn keeps threads alive that would hold the process open.
process.exit(code);
