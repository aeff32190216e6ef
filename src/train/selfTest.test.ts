// The self-test says that it checks every kernel: here every entry point of every shader must be run by one of its cases.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { allOps, caseGraph } from '../engine/goldenCheck';
import { lower } from '../engine/lower';
import type { DeviceClass, DeviceTraits } from '../gpu/device';
import { selfTestFiles } from './selfTest';

const SHADERS = join(import.meta.dirname, '../../shaders');
const CLASSES: readonly DeviceClass[] = ['software', 'gpu'];

/** Entry points that no case of an op runs, and what does. */
const RUN_OTHERWISE: Readonly<Record<string, string>> = {
  'matmulF16 workgroupTile': 'f16Check, which the self-test runs where the device has f16',
};

/** A device with WebGPU's least limits. */
function traitsOf(deviceClass: DeviceClass): DeviceTraits {
  return {
    deviceClass,
    features: new Set(),
    maxStorageBuffersPerShaderStage: 8,
    maxComputeWorkgroupStorageSize: 16384,
    maxComputeInvocationsPerWorkgroup: 256,
    maxComputeWorkgroupsPerDimension: 65535,
    maxStorageBufferBindingSize: 2 ** 27,
    maxBufferSize: 2 ** 28,
  };
}

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
        for (const { shader, entry } of lower(outputs, effects, traitsOf(deviceClass)).dispatches)
          run.add(`${shader} ${entry}`);
    }
  }
  const missing = entryPoints().filter((name) => !run.has(name) && !(name in RUN_OTHERWISE));
  expect(missing).toEqual([]);
});
