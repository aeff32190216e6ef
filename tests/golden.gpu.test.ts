import { describe, expect, it } from 'vitest';
import { allOps, checkCase, type GoldenCase, type GoldenFile } from '../src/engine/goldenCheck';
import { HOST_CASES } from '../src/engine/reference/cases';
import type { Runtime } from '../src/engine/runtime';
import { DEVICE_CLASSES, runtimeAs } from './helpers/deviceClasses';
import { testRuntime } from './helpers/gpu';

const FILES = import.meta.glob<GoldenFile>('./golden/*.json', { eager: true, import: 'default' });
const ops = allOps();

async function check(name: string, golden: GoldenCase, runtime: Runtime): Promise<void> {
  const op = ops.get(name);
  if (!op) throw new Error(`there is no op "${name}" in src/engine/ops`);
  const result = await checkCase(runtime, op, golden);
  expect(result.message ?? 'within tolerance').toBe('within tolerance');
  expect(result.error).toBeLessThanOrEqual(result.tolerance);
}

describe('golden files', () => {
  for (const [path, file] of Object.entries(FILES)) {
    describe(`${file.op} (${path.split('/').at(-1)})`, () => {
      for (const golden of file.cases) it(golden.name, async () => check(file.op, golden, await testRuntime()));
    });
  }
});

// Their sizes choose other kernels on a GPU than on software.
describe.each(DEVICE_CLASSES)('loops on the host, with the kernels of class %s', (deviceClass) => {
  for (const file of HOST_CASES) {
    describe(file.op, () => {
      for (const golden of file.cases)
        it(golden.name, async () => check(file.op, golden, await runtimeAs(deviceClass)));
    });
  }
});
