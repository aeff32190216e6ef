// npm test: sets up what is missing, runs unit, GPU and browser tests on Chromium's software adapter, and prints the totals.
// With --firefox: the page's self-test in Firefox, on Mesa's software driver.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { checkNode, installPackages, needChromium, needFirefox, root } from './setup.mjs';

checkNode();
installPackages();
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
const args = [
  vitest,
  'run',
  ...projects.flatMap((p) => ['--project', p]),
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
];
const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env });
const { numPassedTests = 0, numFailedTests = 0 } = JSON.parse(readFileSync(report, 'utf8'));
console.log(`${numPassedTests} passed, ${numFailedTests} failed`);
if (numPassedTests === 0) console.error('No test ran.');
process.exit(status === 0 && numPassedTests > 0 ? 0 : 1);
