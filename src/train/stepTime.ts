/** Wall time of a training step, for claims about cost. */
import type { Plan } from '../engine/plan';
import type { Runtime } from '../engine/runtime';

/** A timing of less than this tells more of the clock than of the step. */
const TIMED_MS = 60;

/** How many steps make a timing long enough; the first, slow run is not counted. */
export async function runsToTime(runtime: Runtime, plan: Plan): Promise<number> {
  await stepTime(runtime, plan, 1);
  return Math.max(1, Math.min(64, Math.round(TIMED_MS / (await stepTime(runtime, plan, 1)))));
}

/** Milliseconds of a step, the mean of `runs` in one submission. */
export async function stepTime(runtime: Runtime, plan: Plan, runs: number): Promise<number> {
  const start = performance.now();
  plan.runMany(runs);
  await runtime.gpu.device.queue.onSubmittedWorkDone();
  return (performance.now() - start) / runs;
}
