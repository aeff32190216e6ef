/** Our side of the bench in Node: scripts/run.mjs bench/node.ts */
import { nodeGpu } from '../src/cli/driver';
import { Runtime } from '../src/engine/runtime';
import { openGpu } from '../src/gpu/device';
import { hold } from './contest';
import { contests } from './contests';
import { convContests } from './conv';
import { pointContests } from './points';

export async function main(args: readonly string[]): Promise<number> {
  const [only = ''] = args.filter((a) => !a.startsWith('--'));
  const runtime = new Runtime(await openGpu(await nodeGpu()));
  console.log(runtime.gpu.adapterKey);
  const all = [
    ...contests(runtime, [], args.includes('--full')),
    ...convContests(runtime, []),
    ...pointContests(runtime, []),
  ];
  for (const contest of all) {
    if (!contest.name.includes(only)) continue;
    const { name, flops, milliseconds } = await hold(contest, () => undefined);
    const time = milliseconds['glimpse'] ?? NaN;
    const plain = milliseconds['plain'] === undefined ? '' : `  plain ${milliseconds['plain'].toFixed(1)} ms`;
    console.log(`${name.padEnd(38)} ${time.toFixed(1)} ms  ${(flops / time / 1e6).toFixed(1)} GFLOP/s${plain}`);
  }
  return 0;
}
