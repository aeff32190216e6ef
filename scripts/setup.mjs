// Sets up what `npm start` and `npm test` need. Node's own modules only: it runs before anything is installed.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Ends the program with one sentence that says what to do. */
export function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    fail(`Glimpse needs Node 20.19 or newer; this is ${process.versions.node}. Install a newer Node.`);
  }
}

/** npm ci, where node_modules is missing or older than the lock file. */
export function installPackages() {
  const installed = join(root, 'node_modules/.package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs) return;
  console.log('Installing the packages of the lock file …');
  execFileSync('npm', ['ci'], { cwd: root, stdio: 'inherit' });
}

function onPath(name) {
  const found = spawnSync('which', [name], { encoding: 'utf8' });
  return found.status === 0 ? found.stdout.trim() : undefined;
}

/** Installs Debian or Ubuntu packages, as root or with sudo where it asks no password. True when it worked. */
function aptInstall(packages) {
  if (!onPath('apt-get')) return false;
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const run = (args) =>
    spawnSync(sudo[0] ?? args[0], [...sudo.slice(1), ...(sudo.length ? args : args.slice(1))], {
      stdio: 'inherit',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status === 0;
  return run(['apt-get', 'update', '-q']) && run(['apt-get', 'install', '-yq', '--no-install-recommends', ...packages]);
}

const CHROMIUMS = ['chromium', 'google-chrome-stable', 'google-chrome', 'chromium-browser'];

/** Path of a Chromium. CHROMIUM_PATH names one; Ubuntu's stub that only points to snap does not count. */
export function findChromium() {
  const named = process.env.CHROMIUM_PATH;
  if (named) return existsSync(named) ? named : fail(`CHROMIUM_PATH names ${named}, which does not exist.`);
  return CHROMIUMS.map(onPath).find((path) => path && spawnSync(path, ['--version']).status === 0);
}

export function needChromium() {
  const found = findChromium() ?? (aptInstall(['chromium']) ? findChromium() : undefined);
  return (
    found ??
    fail(
      'The tests need Chromium: install it (Debian: "apt-get install chromium") or set CHROMIUM_PATH to its program.',
    )
  );
}

const LAVAPIPE = [
  '/usr/share/vulkan/icd.d/lvp_icd.x86_64.json',
  '/usr/share/vulkan/icd.d/lvp_icd.json',
  '/usr/share/vulkan/icd.d/lvp_icd.aarch64.json',
];

export function needFirefox() {
  const have = () => {
    const program = process.env.FIREFOX_PATH ?? onPath('firefox-esr') ?? onPath('firefox');
    const driver = LAVAPIPE.find((path) => existsSync(path));
    return program && driver ? { program, driver } : undefined;
  };
  const found = have() ?? (aptInstall(['firefox-esr', 'mesa-vulkan-drivers']) ? have() : undefined);
  return found ?? fail('The Firefox tests need Firefox and Mesa: "apt-get install firefox-esr mesa-vulkan-drivers".');
}
