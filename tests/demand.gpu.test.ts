import { describe, expect, it } from 'vitest';
import { checkDemand, MOST_BYTES, SLOWEST_STEP_SECONDS, TooDemandingError } from '../src/train/demand';
import { measureCeilings } from '../src/train/diagnostics';
import { testRuntime } from './helpers/gpu';

const SMALL = { dispatches: 1, flops: 1e6, bytes: 1e6, largestBuffer: 1e6 };

describe('a model that asks much of the device', () => {
  it('is asked about where it may not fit, with figure and limit', async () => {
    const runtime = await testRuntime();
    await checkDemand(runtime, SMALL);
    const { maxBufferSize, maxStorageBufferBindingSize } = runtime.gpu.traits;
    const largestBuffer = Math.min(maxBufferSize, maxStorageBufferBindingSize) * 2;
    await expect(checkDemand(runtime, { ...SMALL, largestBuffer })).rejects.toThrow(
      /One buffer.*MiB; this device allows/,
    );
    await expect(checkDemand(runtime, { ...SMALL, bytes: MOST_BYTES * 2 })).rejects.toThrow(/4,096 MiB of GPU memory/);
    await expect(checkDemand(runtime, { ...SMALL, bytes: MOST_BYTES * 2 })).rejects.toBeInstanceOf(TooDemandingError);
  });

  it('is asked about where a step would take over ten seconds at the speed that was measured here', async () => {
    const runtime = await testRuntime();
    const { matmulGflops } = await measureCeilings(runtime);
    // At half the ceiling: twice the operations of ten seconds at full speed take forty.
    const flops = 2 * SLOWEST_STEP_SECONDS * matmulGflops * 1e9;
    await expect(checkDemand(runtime, { ...SMALL, flops })).rejects.toThrow(
      /One training step is \d+ GFLOP: about 40 s/,
    );
    await checkDemand(runtime, { ...SMALL, flops: flops / 8 });
  });
});
