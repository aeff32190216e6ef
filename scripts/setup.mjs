// Sets up what `npm start` and `npm test` need. Node's own modules only: it runs before anything is installed.
// All it says goes to stderr, so that a program's JSON on stdout stays clean.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Ends the program with one sentence that says what to do. */
export function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

/** Runs a command with its words on stderr. True when it worked. */
function succeeds(command, args, options = {}) {
  return spawnSync(command, args, { stdio: ['ignore', 2, 2], ...options }).status === 0;
}

export function checkNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    fail(`Glimpse needs Node 20.19 or newer; this is ${version}. Install a newer Node from https://nodejs.org.`);
  }
}

/**
 * Whether node_modules holds what the lock file says. Compares versions, not times: npm writes both files at once, in either order.
 * Packages marked optional may be missing; they are for other systems.
 */
export function packagesFit(folder = root) {
  const listed = (file) => JSON.parse(readFileSync(join(folder, file), 'utf8')).packages;
  if (!existsSync(join(folder, 'node_modules/.package-lock.json'))) return false;
  const installed = listed('node_modules/.package-lock.json');
  return Object.entries(listed('package-lock.json')).every(([path, wanted]) => {
    if (path === '') return true;
    const have = installed[path];
    return have ? have.version === wanted.version && existsSync(join(folder, path)) : Boolean(wanted.optional);
  });
}

/** npm ci, where node_modules is missing or differs from the lock file. */
export function installPackages() {
  if (packagesFit()) return;
  console.error('Installing the packages of the lock file …');
  const windows = process.platform === 'win32';
  // Development packages build the page: NODE_ENV=production must not leave them out.
  if (!succeeds('npm', ['ci', '--include=dev'], { cwd: root, shell: windows })) {
    fail('"npm ci" failed: see its message above, mend that (often the network), and run the same command again.');
  }
}

/** Path of a program, or undefined. */
export function onPath(name) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      if (statSync(path).isFile()) return path;
    } catch {
      // Not here; the next folder may have it.
    }
  }
  return undefined;
}

/** Ubuntu's stubs that only point to a snap are on the path, but do not run. */
function runs(path) {
  return spawnSync(path, ['--version'], { stdio: 'ignore', timeout: 30_000 }).status === 0;
}

/** Installs Debian or Ubuntu packages, as root or with sudo where that asks no password. True when it worked. */
function aptInstall(packages) {
  if (!onPath('apt-get')) return false;
  const asRoot = process.getuid?.() === 0;
  if (!asRoot && !onPath('sudo')) return false;
  console.error(`Installing ${packages.join(' and ')} with apt-get …`);
  const apt = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get'];
  const run = (...args) => {
    const [program, ...rest] = asRoot ? [...apt, ...args] : ['sudo', '-n', ...apt, ...args];
    return succeeds(program, rest);
  };
  // A list that cannot be refreshed may still do.
  run('update', '-q');
  return run('install', '-yq', '--no-install-recommends', ...packages);
}

const CHROMIUMS = ['chromium', 'google-chrome-stable', 'google-chrome', 'chromium-browser', 'microsoft-edge'];
const CHROMIUM_APPS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** Path of a Chromium, or undefined. CHROMIUM_PATH names one. */
export function findChromium() {
  const named = process.env.CHROMIUM_PATH;
  if (named) return existsSync(named) ? named : fail(`CHROMIUM_PATH names ${named}, which does not exist.`);
  const programs = CHROMIUMS.map(onPath).filter((path) => path !== undefined);
  return programs.find(runs) ?? CHROMIUM_APPS.find((path) => existsSync(path));
}

/** Path of a Chromium, which is installed where it is missing. */
export function needChromium() {
  const found = findChromium() ?? (aptInstall(['chromium']) ? findChromium() : undefined);
  return (
    found ??
    fail(
      'The tests need Chromium: install it (Debian: "apt-get install chromium"; Ubuntu: the .deb of https://google.com/chrome), ' +
        'or set CHROMIUM_PATH to its program.',
    )
  );
}

/** The driver file of Mesa's lavapipe, which is a Vulkan device on the CPU; its name holds the processor's. */
function findLavapipe(folder = '/usr/share/vulkan/icd.d') {
  if (!existsSync(folder)) return undefined;
  const file = readdirSync(folder).find((name) => /^lvp_icd(\.\w+)?\.json$/.test(name));
  return file && join(folder, file);
}

function findFirefox() {
  const named = process.env.FIREFOX_PATH;
  if (named) return existsSync(named) ? named : fail(`FIREFOX_PATH names ${named}, which does not exist.`);
  const programs = ['firefox-esr', 'firefox'].map(onPath).filter((path) => path !== undefined);
  return programs.find(runs);
}

/** Firefox and a Vulkan driver for it, which are installed where they are missing. A driver that is set is kept. */
export function needFirefox() {
  const have = () => {
    const program = findFirefox();
    const driver = process.env.VK_DRIVER_FILES ?? process.env.VK_ICD_FILENAMES ?? findLavapipe();
    return program && driver ? { program, driver } : undefined;
  };
  const found = have() ?? (aptInstall(['firefox-esr', 'mesa-vulkan-drivers']) ? have() : undefined);
  return (
    found ??
    fail(
      'The Firefox tests need Firefox and Mesa\'s Vulkan driver: "apt-get install firefox-esr mesa-vulkan-drivers" ' +
        '(Ubuntu: Firefox from https://packages.mozilla.org), or set FIREFOX_PATH and VK_DRIVER_FILES.',
    )
  );
}
