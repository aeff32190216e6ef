import { openGpu } from '../gpu/device';
import { Runtime } from '../engine/runtime';
import { selfTest } from '../train/selfTest';
import { nodeGpu, NO_DRIVER } from './driver';
import { onlyJson } from './usage';

/** Every case of the self-test on this machine's adapter. */
export async function runSelfTest(args: readonly string[]): Promise<number> {
  const json = onlyJson('selftest', args);
  const gpu = await openGpu(await nodeGpu()).catch((error: unknown) => {
    throw new Error(`${NO_DRIVER} (${String(error)})`);
  });
  const results = await selfTest(new Runtime(gpu), (result) => {
    if (json) console.log(JSON.stringify(result));
    else if (!result.passed) console.log(`FAILED ${result.op}: ${result.name}: ${result.message ?? ''}`);
  });
  const failed = results.filter((r) => !r.passed).length;
  const summary = { done: true, adapter: gpu.adapterKey, passed: results.length - failed, failed };
  console.log(json ? JSON.stringify(summary) : `${gpu.adapterKey}: ${summary.passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}
