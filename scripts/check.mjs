// npm run check: types, Svelte, lint with the import rule, formatting, unused code; all of them, then the verdict.
import { spawnSync } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const CHECKS = [
  ['types', ['tsc', '-p', '.']],
  ['svelte', ['svelte-check', '--fail-on-warnings', '--output', 'human']],
  ['lint', ['eslint', '.', '--max-warnings', '0']],
  ['formatting', ['prettier', '--check', '.', '--log-level', 'warn']],
  ['unused code', ['knip']],
];
const failed = CHECKS.filter(([name, command]) => {
  const { status } = spawnSync('npx', ['--no-install', ...command], { cwd: root, stdio: 'inherit' });
  console.log(`${name}: ${status === 0 ? 'ok' : 'FAILED'}`);
  return status !== 0;
});
process.exit(failed.length === 0 ? 0 : 1);
