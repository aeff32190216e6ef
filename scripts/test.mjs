// npm test: sets up what is missing, runs unit, GPU and browser tests on Chromium's software adapter, and prints the totals.
// With --firefox: the page in Firefox, on Mesa's software driver. Further words choose test files, as with vitest.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { checkNode, fail, installPackages, needChromium, needFirefox, root } from './setup.mjs';
import { totals } from './testTotals.mjs';

checkNode();
installPackages();
const words = process.argv.slice(2).filter((word) => word !== '--firefox');
const firefox = process.argv.includes('--firefox');
const env = { ...process.env };
if (firefox) {
  const { program, driver } = needFirefox();
  Object.assign(env, { FIREFOX_PATH: program, VK_DRIVER_FILES: driver, VK_ICD_FILENAMES: driver });
} else env.CHROMIUM_PATH = needChromium();

const report = join(root, 'node_modules/.test-report.json');
rmSync(report, { force: true });
const projects = firefox ? ['firefox'] : ['unit', 'gpu', 'e2e'];
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const options = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
const args = [vitest, 'run', ...projects.flatMap((name) => ['--project', name]), ...options, ...words];
const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env });
if (!existsSync(report)) fail('The tests ended before they could report: see the message above.');

const { passed, failed: failedTests, skipped } = totals(JSON.parse(readFileSync(report, 'utf8')));
// A set-up that fails, or an error outside every test, is in no file's results.
const failed = failedTests === 0 && status !== 0 ? 1 : failedTests;
if (skipped > 0) console.error(`${skipped} did not run; a test that cannot run must fail.`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && skipped === 0 && passed > 0 ? 0 : 1);
