import type { DeviceClass } from '../../src/gpu/device';
import { allOps, checkCase, type GoldenFile } from '../../src/engine/goldenCheck';
import { Runtime } from '../../src/engine/runtime';
import { testRuntime } from './gpu';

export const DEVICE_CLASSES: readonly DeviceClass[] = ['software', 'gpu'];

const runtimes = new Map<DeviceClass, Promise<Runtime>>();

/** The test machine's adapter, taken for one of a class: ops choose the kernels that they would run there. */
export function runtimeAs(deviceClass: DeviceClass): Promise<Runtime> {
  const known = runtimes.get(deviceClass);
  if (known) return known;
  const made = testRuntime().then(({ gpu }) => new Runtime({ ...gpu, traits: { ...gpu.traits, deviceClass } }));
  runtimes.set(deviceClass, made);
  return made;
}

const FILES = import.meta.glob<GoldenFile>('../golden/*.json', { eager: true, import: 'default' });

/** Runs an op's golden cases with the kernels of a device class; gives what failed, a line each. */
export async function goldenFailures(op: string, deviceClass: DeviceClass): Promise<string[]> {
  const file = FILES[`../golden/${op}.json`];
  const definition = allOps().get(op);
  if (!file || !definition) throw new Error(`golden: no file or no op of the name "${op}"`);
  const runtime = await runtimeAs(deviceClass);
  const failures: string[] = [];
  for (const golden of file.cases) {
    const result = await checkCase(runtime, definition, golden);
    if (!result.passed) failures.push(`${golden.name}: ${result.message ?? `error ${result.error}`}`);
  }
  return failures;
}
