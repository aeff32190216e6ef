// npm run bench: our kernels against TensorFlow.js and jax-js in one headless Chromium, in turns, on one adapter.
//   --only WORDS   contests whose name holds these words    --full   products of 1024 and 2048 too
//   --node         our side alone, in Node                  --json FILE   where the figures go (bench/results.json)
//   --profile      our side in Node, kernel by kernel
// VK_DRIVER_FILES names another Vulkan driver than Chromium's own SwiftShader.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { launch } from 'puppeteer-core';
import { build } from 'vite';
import { serve } from '../scripts/serve.mjs';
import { fail, needChromium, root } from '../scripts/setup.mjs';

const OPTIONS = {
  only: { type: 'string', default: '' },
  json: { type: 'string', default: join(root, 'bench/results.json') },
  full: { type: 'boolean', default: false },
  node: { type: 'boolean', default: false },
  profile: { type: 'boolean', default: false },
};
const TWO_HOURS = 7_200_000;

function readOptions() {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (error) {
    console.error(
      `${error.message}; usage: npm run bench -- [--only WORDS] [--full] [--node] [--profile] [--json FILE]`,
    );
    process.exit(2);
  }
}

function table({ adapter, outcomes }) {
  const engines = ['glimpse', 'jax-js', 'tfjs', 'onnxruntime-web', 'plain'];
  const rows = outcomes.map(({ name, flops, milliseconds, problems }) => {
    const ours = milliseconds.glimpse;
    const peers = engines
      .slice(1)
      .map((engine) => milliseconds[engine])
      .filter(Number.isFinite);
    const cells = engines.map((engine) =>
      (milliseconds[engine]?.toFixed(1) ?? (problems[engine] ? 'wrong' : '–')).padStart(Math.max(9, engine.length + 1)),
    );
    const ratio = peers.length > 0 ? `${(Math.min(...peers) / ours).toFixed(2)}×` : '–';
    return `${name.padEnd(44)}${cells.join('')}${ratio.padStart(9)}${(flops / ours / 1e6).toFixed(1).padStart(9)}`;
  });
  const head = `${'median ms'.padEnd(44)}${engines.map((e) => e.padStart(Math.max(9, e.length + 1))).join('')}${'ahead'.padStart(9)}${'GFLOP/s'.padStart(9)}`;
  return [adapter, head, ...rows].join('\n');
}

const options = readOptions();
if (options.node || options.profile) {
  const flags = ['full', 'profile'].filter((name) => options[name]).map((name) => `--${name}`);
  const args = [join(root, 'scripts/run.mjs'), 'bench/node.ts', options.only, ...flags];
  process.exit(spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1);
}

const outDir = mkdtempSync(join(tmpdir(), 'glimpse-bench-'));
await build({
  root: join(root, 'bench'),
  base: './',
  configFile: false,
  logLevel: 'error',
  build: { outDir, target: 'es2023' },
});
const { port, close } = await serve(outDir, 4400);
const driver = process.env.VK_DRIVER_FILES ? [] : ['--use-webgpu-adapter=swiftshader'];
const browser = await launch({
  executablePath: needChromium(),
  headless: true,
  protocolTimeout: TWO_HOURS,
  args: ['--no-sandbox', '--enable-unsafe-webgpu', '--enable-features=Vulkan', ...driver],
});
try {
  const page = await browser.newPage();
  page.on('console', (message) => console.error(message.text()));
  await page.goto(`http://localhost:${port}/`);
  await page.waitForFunction(() => typeof window.bench === 'function', { timeout: 60_000 });
  const results = await page.evaluate((only, full) => window.bench(only, full), options.only, options.full);
  writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
  console.log(table(results));
} catch (error) {
  fail(`The bench did not finish: ${error.message}`);
} finally {
  await browser.close();
  close();
  rmSync(outDir, { recursive: true });
}
