/** What the device panel and a bug report show: the adapter, measured ceilings, kernel times. */
import { affine } from '../engine/ops/pointwise';
import { matmul } from '../engine/ops/matmul';
import { compile } from '../engine/plan';
import { State } from '../engine/state';
import type { Runtime } from '../engine/runtime';
import type { Experiment } from './experiment';
import type { DeviceReport, KernelProfile } from './protocol';

export interface Ceilings {
  readonly matmulGflops: number;
  readonly copyGigabytesPerSecond: number;
}

const measured = new WeakMap<Runtime, Ceilings>();

async function fastest(runtime: Runtime, run: () => void): Promise<number> {
  let best = Infinity;
  for (let i = 0; i < 5; i++) {
    const start = performance.now();
    run();
    await runtime.gpu.device.queue.onSubmittedWorkDone();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

/** The device's own best at a product of 512³ and at copying 16 MiB, measured once. */
export async function measureCeilings(runtime: Runtime): Promise<Ceilings> {
  const known = measured.get(runtime);
  if (known) return known;
  const n = 512;
  const square = () => new State('ceiling', [n, n], 'f32', undefined, 'constant').tensor();
  const product = await compile(runtime, { outputs: { c: matmul(square(), square()) } });
  const words = 2 ** 22;
  const long = new State('ceiling copy', [words], 'f32', undefined, 'constant').tensor();
  const copy = await compile(runtime, { outputs: { y: affine(long, 2, 0) } });
  try {
    const matmulGflops = (2 * n ** 3) / (await fastest(runtime, () => product.run())) / 1e6;
    const copyGigabytesPerSecond = (words * 8) / (await fastest(runtime, () => copy.run())) / 1e6;
    const ceilings = { matmulGflops, copyGigabytesPerSecond };
    measured.set(runtime, ceilings);
    return ceilings;
  } finally {
    product.dispose();
    copy.dispose();
  }
}

/** Kernels of one step, longest first, with their share of the device's ceilings. Throws without timestamps. */
export async function profileStep(runtime: Runtime, experiment: Experiment): Promise<KernelProfile[]> {
  const { matmulGflops, copyGigabytesPerSecond } = await measureCeilings(runtime);
  const sums = new Map<string, { calls: number; milliseconds: number; flops: number; bytes: number }>();
  for (const { label, milliseconds, flops, bytes } of await experiment.plan.profile()) {
    const sum = sums.get(label) ?? { calls: 0, milliseconds: 0, flops: 0, bytes: 0 };
    sums.set(label, {
      calls: sum.calls + 1,
      milliseconds: sum.milliseconds + milliseconds,
      flops: sum.flops + flops,
      bytes: sum.bytes + bytes,
    });
  }
  return [...sums]
    .map(([kernel, { calls, milliseconds, flops, bytes }]) => {
      const gflops = milliseconds > 0 ? flops / milliseconds / 1e6 : undefined;
      const gigabytesPerSecond = milliseconds > 0 ? bytes / milliseconds / 1e6 : undefined;
      const shares = [(gflops ?? 0) / matmulGflops, (gigabytesPerSecond ?? 0) / copyGigabytesPerSecond];
      return { kernel, calls, milliseconds, gflops, gigabytesPerSecond, ceilingShare: Math.max(...shares) };
    })
    .sort((a, b) => b.milliseconds - a.milliseconds);
}

export function describeDevice(runtime: Runtime, experiment: Experiment | undefined): DeviceReport {
  const { traits, adapterKey } = runtime.gpu;
  const { deviceClass, features, variants = {}, precision: _asked, ...limits } = traits;
  return {
    adapter: adapterKey,
    deviceClass,
    features: [...features],
    limits,
    plan: experiment && {
      dispatches: experiment.plan.dispatches.length,
      activationBytes: experiment.plan.activationBytes.peak,
      stateBytes: runtime.stateBytes,
      parameters: experiment.parameterCount,
      flops: experiment.plan.flops,
    },
    allocatedBytes: runtime.allocatedBytes,
    ceilings: measured.get(runtime),
    tunedShapes: Object.keys(variants).length,
  };
}
