/** What a paper claims, as an experiment that anyone can press: runs of its own, a measure, a verdict computed from them. */
import type { DeviceClass } from '../gpu/device';
import type { Runtime } from '../engine/runtime';
import type { Config } from './control';
import type { DataSource } from './dataSource';
import type { Experiment, ExperimentFactory } from './experiment';
import type { ClaimResult, MeasureProgress } from './protocol';
import { runSteps } from './runSteps';

export interface ClaimContext {
  readonly runtime: Runtime;
  readonly source: DataSource;
  /** Length of each part, in the claim's own unit (updates of a run, rounds of a timing). */
  readonly steps: number;
}

export interface Claim {
  /** As in the lab's meta.ts, which has the sentence and its source. */
  readonly id: string;
  /** Lengths that take a minute or two: on a GPU, and on a software adapter of a few GFLOP/s. */
  readonly steps: Readonly<Record<DeviceClass, number>>;
  /** What is run, as settings that can be opened in the lab. */
  readonly configs: readonly Config[];
  /** Says how far it is with the points known so far; throws the signal's reason when it is stopped. */
  run(
    context: ClaimContext,
    onProgress: (progress: MeasureProgress) => void,
    signal: AbortSignal,
  ): Promise<ClaimResult>;
}

export interface ClaimRequest extends Omit<ClaimContext, 'steps'> {
  /** Shorter or longer than the claim itself would run on this device. */
  readonly steps?: number;
}

const REPORT_EVERY_MS = 200;

/** Runs one claim of a lab. Throws when there is none of this id. Progress comes a few times a second, and whenever the chart has changed. */
export function runClaim(
  claims: readonly Claim[],
  id: string,
  { steps, ...rest }: ClaimRequest,
  onProgress: (progress: MeasureProgress) => void,
  signal: AbortSignal,
): Promise<ClaimResult> {
  const claim = claims.find((c) => c.id === id);
  if (!claim) throw new Error(`claim "${id}": there is none; there are ${claims.map((c) => c.id).join(', ')}`);
  const length = steps ?? claim.steps[rest.runtime.gpu.traits.deviceClass];
  return claim.run({ ...rest, steps: length }, nowAndThen(onProgress), signal);
}

function nowAndThen(tell: (progress: MeasureProgress) => void): (progress: MeasureProgress) => void {
  let last = -Infinity;
  let points = -1;
  return (progress) => {
    const known = progress.chart.series.reduce((n, s) => n + s.points.length, 0);
    if (known === points && performance.now() - last < REPORT_EVERY_MS) return;
    last = performance.now();
    points = known;
    tell(progress);
  };
}

interface Length<Data> {
  readonly runtime: Runtime;
  readonly config: Config;
  readonly data: Data;
  readonly steps: number;
}

/** An experiment for a run of `steps` updates: a warm-up of a tenth of them at most, and nothing evaluated on the way. */
export function experimentOf<Data>(
  factory: ExperimentFactory<Data>,
  { runtime, config, data, steps }: Length<Data>,
): Promise<Experiment> {
  const warmup = Math.min(Number(config['warmup'] ?? 0), Math.ceil(steps / 10));
  return factory.create({ runtime, data, config: { ...config, steps, warmup, every: 0 } });
}

/** A part of a claim: `steps` updates of an experiment of its own. The caller disposes of what it gets. */
export async function trainedExperiment<Data>(
  factory: ExperimentFactory<Data>,
  length: Length<Data>,
  onStep: (done: number) => void,
  signal: AbortSignal,
): Promise<Experiment> {
  const { runtime, steps } = length;
  const experiment = await experimentOf(factory, length);
  try {
    await runSteps(runtime, experiment.plan, steps, signal, onStep, experiment.feed);
    const [loss = NaN] = await experiment.readHistory(steps - 1, steps);
    throwUnlessFinite(loss, steps, length.config);
    return experiment;
  } catch (error) {
    experiment.dispose();
    throw error;
  }
}

/** Throws with step and settings where a loss is no finite number. */
export function throwUnlessFinite(loss: number, step: number, config: Config): void {
  if (!Number.isFinite(loss))
    throw new Error(`the loss is not a finite number after ${step} steps with ${JSON.stringify(config)}`);
}
