// The self-test says that it checks every kernel: here every entry point of every shader must be run by one of its cases.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { allOps, caseGraph } from '../engine/goldenCheck';
import { lower } from '../engine/lower';
import type { DeviceClass } from '../gpu/device';
import { selfTestFiles } from './selfTest';
import { leastTraits } from '../../tests/helpers/leastTraits';

const SHADERS = join(import.meta.dirname, '../../shaders');
const CLASSES: readonly DeviceClass[] = ['software', 'gpu'];

/** Entry points that no case of an op runs, and what does. */
const RUN_OTHERWISE: Readonly<Record<string, string>> = {
  'matmulF16 workgroupTile': 'f16Check, which the self-test runs where the device has f16',
};

function entryPoints(): string[] {
  return readdirSync(SHADERS)
    .filter((name) => name.endsWith('.wgsl'))
    .flatMap((name) => {
      const text = readFileSync(join(SHADERS, name), 'utf8');
      return [...text.matchAll(/@compute[^{]*?fn (\w+)/g)].map(([, entry]) => `${name.replace('.wgsl', '')} ${entry}`);
    });
}

it('runs every entry point of every shader, on software or on a GPU', async () => {
  const ops = allOps();
  const run = new Set<string>();
  for (const file of await selfTestFiles()) {
    const op = ops.get(file.op);
    if (!op) throw new Error(`there is no op "${file.op}"`);
    for (const golden of file.cases) {
      const { outputs, effects } = caseGraph(op, golden);
      for (const deviceClass of CLASSES)
        for (const { shader, entry } of lower(outputs, effects, leastTraits(deviceClass)).dispatches)
          run.add(`${shader} ${entry}`);
    }
  }
  const missing = entryPoints().filter((name) => !run.has(name) && !(name in RUN_OTHERWISE));
  expect(missing).toEqual([]);
});
