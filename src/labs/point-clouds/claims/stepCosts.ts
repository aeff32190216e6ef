import type { Runtime } from '../../../engine/runtime';
import type { Config } from '../../../train/control';
import type { Experiment } from '../../../train/experiment';
import { runsToTime, stepTime } from '../../../train/stepTime';
import type { PointData } from '../data/data';
import { experiment } from '../experiment';

export interface Cost {
  /** Of a training step, one timing for each round. */
  readonly milliseconds: readonly number[];
  /** Peak of what a step holds beside parameters and data. */
  readonly bytes: number;
}

export interface CostRequest {
  readonly runtime: Runtime;
  readonly data: PointData;
  readonly configs: readonly Config[];
  readonly rounds: number;
  readonly signal: AbortSignal;
}

/** Training steps of all configs in turns, so that whatever else the device does meets all alike; hears the share that is done. */
export async function stepCosts(request: CostRequest, tell: (share: number) => void): Promise<Cost[]> {
  const { runtime, data, configs, rounds, signal } = request;
  const made: Experiment[] = [];
  try {
    const runs: number[] = [];
    for (const config of configs) {
      signal.throwIfAborted();
      const one = await experiment.create({ runtime, data, config });
      made.push(one);
      runs.push(await runsToTime(runtime, one.plan));
      tell(made.length / (configs.length + rounds));
    }
    const times = configs.map((): number[] => []);
    for (let round = 0; round < rounds; round++) {
      for (const [i, { plan }] of made.entries()) {
        signal.throwIfAborted();
        times[i]?.push(await stepTime(runtime, plan, runs[i] ?? 1));
      }
      tell((made.length + round + 1) / (configs.length + rounds));
    }
    return made.map(({ plan }, i) => ({ milliseconds: times[i] ?? [], bytes: plan.activationBytes.peak }));
  } finally {
    for (const one of made) one.dispose();
  }
}
