import { Runtime } from '../../src/engine/runtime';
import { openGpu, type Gpu } from '../../src/gpu/device';
import { NO_DRIVER, nodeGpu } from '../../src/cli/driver';

let shared: Promise<Runtime> | undefined;

/** A runtime on the test machine's adapter, one for a test file. Fails, never skips, where there is no adapter. */
export function testRuntime(): Promise<Runtime> {
  shared ??= nodeGpu()
    .then(openGpu)
    .catch((error: unknown) => {
      throw new Error(`${NO_DRIVER} (${String(error)})`);
    })
    .then((gpu) => {
      gpu.device.addEventListener('uncapturederror', (event) => {
        // A validation error must not pass as a wrong number somewhere else.
        throw new Error(`WebGPU: ${event.error.message}`);
      });
      return new Runtime(gpu);
    });
  return shared;
}

/** The device of the test file for what closes its device when it is done: it stays open, so that kernels are compiled once. */
export async function lentGpu(): Promise<Gpu> {
  const { gpu } = await testRuntime();
  gpu.device.destroy = () => undefined;
  return gpu;
}
