/** The bench in the page: every engine on the same adapter, in the same run. */
import { openGpu } from '../src/gpu/device';
import { Runtime } from '../src/engine/runtime';
import { hold, type Outcome } from './contest';
import { contests } from './contests';
import { convContests } from './conv';
import { jaxConv, ortConv, tfjsConv } from './convPeers';
import { deformContests } from './deform';
import { jaxDeform } from './deformJax';
import { tfjsDeform } from './deformTfjs';
import { pointContests } from './points';
import { samplingContests } from './sampling';
import { jaxSampling, ortSampling } from './samplingPeers';
import * as jax from './jax';
import * as jaxTraining from './jaxTraining';
import * as tfjs from './tfjs';
import * as tfjsPoints from './tfjsPoints';
import * as tfjsTraining from './tfjsTraining';

declare global {
  interface Window {
    bench: (only: string, full: boolean) => Promise<{ adapter: string; outcomes: Outcome[] }>;
  }
}

window.bench = async (only, full) => {
  const runtime = new Runtime(await openGpu(navigator.gpu));
  await jax.openJax();
  await tfjs.openTfjs();
  const peers = [
    { ...jax, ...jaxTraining },
    { ...tfjs, ...tfjsTraining },
  ];
  const outcomes: Outcome[] = [];
  const all = [
    ...contests(runtime, peers, full),
    ...convContests(runtime, [jaxConv, tfjsConv, ortConv]),
    ...deformContests(runtime, [jaxDeform, tfjsDeform]),
    ...pointContests(runtime, [tfjsPoints]),
    ...samplingContests(runtime, [jaxSampling, ortSampling]),
  ];
  for (const contest of all) {
    if (contest.name.includes(only)) outcomes.push(await hold(contest, (line) => console.log(line)));
  }
  return { adapter: runtime.gpu.adapterKey, outcomes };
};
