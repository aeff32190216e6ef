/** Our side of the bench in Node: scripts/run.mjs bench/node.ts [WORDS] [--full] [--profile] */
import { nodeGpu } from '../src/cli/driver';
import { Runtime } from '../src/engine/runtime';
import { openGpu } from '../src/gpu/device';
import { hold, type Contest } from './contest';
import { contests } from './contests';
import { convContests } from './conv';
import { deformContests } from './deform';
import { pointContests } from './points';
import { samplingContests } from './sampling';

export async function main(args: readonly string[]): Promise<number> {
  const [only = ''] = args.filter((a) => !a.startsWith('--'));
  const runtime = new Runtime(await openGpu(await nodeGpu()));
  console.log(runtime.gpu.adapterKey);
  const all = [
    ...contests(runtime, [], args.includes('--full')),
    ...convContests(runtime, []),
    ...deformContests(runtime, []),
    ...pointContests(runtime, []),
    ...samplingContests(runtime, []),
  ];
  for (const contest of all) {
    if (!contest.name.includes(only)) continue;
    if (args.includes('--profile')) {
      await printProfile(contest);
      continue;
    }
    const { name, flops, milliseconds } = await hold(contest, () => undefined);
    const time = milliseconds['glimpse'] ?? NaN;
    const plain = milliseconds['plain'] === undefined ? '' : `  plain ${milliseconds['plain'].toFixed(1)} ms`;
    console.log(`${name.padEnd(38)} ${time.toFixed(1)} ms  ${(flops / time / 1e6).toFixed(1)} GFLOP/s${plain}`);
  }
  return 0;
}

/** The kernels of one run by the time they take, the fastest of three runs each; alike ones on one line. */
async function printProfile({ name, contestants }: Contest): Promise<void> {
  const [ours] = await contestants();
  if (!ours?.profile) return;
  await ours.run();
  const runs = [await ours.profile(), await ours.profile(), await ours.profile()];
  const lines = new Map<string, { calls: number; milliseconds: number; flops: number }>();
  runs[0]?.forEach(({ label, shader, entry, flops }, k) => {
    const key = `${label} (${shader} ${entry})`;
    const line = lines.get(key) ?? { calls: 0, milliseconds: 0, flops: 0 };
    line.calls++;
    line.milliseconds += Math.min(...runs.map((run) => run[k]?.milliseconds ?? Infinity));
    line.flops += flops;
    lines.set(key, line);
  });
  const sorted = [...lines].sort((a, b) => b[1].milliseconds - a[1].milliseconds);
  const total = sorted.reduce((sum, [, line]) => sum + line.milliseconds, 0);
  console.log(`${name}: ${runs[0]?.length} dispatches, ${total.toFixed(1)} ms in kernels`);
  for (const [key, { calls, milliseconds, flops }] of sorted.slice(0, 30)) {
    const speed = (flops / milliseconds / 1e6).toFixed(1).padStart(7);
    console.log(`${milliseconds.toFixed(2).padStart(9)} ms ${String(calls).padStart(4)}×${speed} GFLOP/s  ${key}`);
  }
  ours.dispose();
}
