import type { Plan } from '../engine/plan';
import type { Runtime } from '../engine/runtime';
import type { HostFeed } from './hostFeed';
import { Pacer } from './pacer';

/**
 * Runs a step's plan `count` times in submissions of tens of milliseconds, and waits. `onStep` hears how many are done after each
 * submission; `feed` gives each what it reads. Throws the signal's reason soon after it is stopped.
 */
export async function runSteps(
  runtime: Runtime,
  plan: Plan,
  count: number,
  signal: AbortSignal,
  onStep?: (done: number) => void,
  feed?: HostFeed,
): Promise<void> {
  const pacer = new Pacer();
  for (let done = 0; done < count;) {
    signal.throwIfAborted();
    const burst = Math.min(pacer.steps, count - done, feed?.capacity ?? Infinity);
    const before = performance.now();
    feed?.write(done, burst);
    plan.runMany(burst);
    feed?.prepare(done + burst, Math.min(burst, count - done - burst));
    await runtime.gpu.device.queue.onSubmittedWorkDone();
    pacer.took(burst, performance.now() - before);
    done += burst;
    onStep?.(done);
  }
  signal.throwIfAborted();
}
