import type { KernelTime } from '../src/engine/plan';

/** One thing that is timed: the same computation by several engines. */
export interface Contestant {
  readonly engine: 'glimpse' | 'jax-js' | 'tfjs' | 'onnxruntime-web' | 'plain';
  /** Runs once and waits until the device is done. */
  run(): Promise<void>;
  /** The result of a run, for the check. */
  result(): Promise<ArrayLike<number>>;
  /** Time of each kernel of one run, where the engine can tell. */
  profile?(): Promise<readonly KernelTime[]>;
  dispose(): void;
}

export interface Contest {
  readonly name: string;
  readonly flops: number;
  contestants(): Promise<readonly Contestant[]>;
}

export interface Outcome {
  readonly name: string;
  readonly flops: number;
  /** Median milliseconds by engine. */
  readonly milliseconds: Readonly<Record<string, number>>;
  /** Engines that were left out, and why. */
  readonly problems: Readonly<Record<string, string>>;
}

const ROUNDS = 9;
/** A contest whose round takes longer than so many milliseconds gets three rounds, or one after a single round of warming up. */
const LONG_ROUND = 3000;
const VERY_LONG_ROUND = 60_000;
const TOLERANCE = 1e-3;

function relativeError(got: ArrayLike<number>, want: ArrayLike<number>): number {
  if (got.length !== want.length) return Infinity;
  let [difference, largest] = [0, 0];
  for (let i = 0; i < want.length; i++) {
    difference = Math.max(difference, Math.abs((got[i] ?? NaN) - (want[i] ?? NaN)));
    largest = Math.max(largest, Math.abs(want[i] ?? 0));
  }
  return Number.isNaN(difference) ? Infinity : difference / Math.max(largest, 1e-30);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

/** Checks every engine's result against the first one's, then times them in turns. */
export async function hold(contest: Contest, log: (line: string) => void): Promise<Outcome> {
  const all = await contest.contestants();
  const [reference] = all;
  const problems: Record<string, string> = {};
  const want = reference ? Array.from(await reference.result()) : [];
  const fit: Contestant[] = [];
  for (const contestant of all) {
    const began = performance.now();
    try {
      const error = relativeError(await contestant.result(), want);
      if (error > TOLERANCE) throw new Error(`its result differs by ${error.toPrecision(2)}`);
      fit.push(contestant);
    } catch (error) {
      problems[contestant.engine] = error instanceof Error ? error.message : String(error);
    }
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    log(
      `${contest.name}, ${contestant.engine}: ${problems[contestant.engine] ?? 'agrees'}, first results after ${seconds} s`,
    );
  }
  const times = new Map(fit.map((c) => [c.engine, [] as number[]]));
  let rounds = ROUNDS;
  // Two rounds of warming up; the second tells how long one takes.
  for (let round = -2; round < rounds; round++) {
    const start = performance.now();
    for (const contestant of fit) {
      const began = performance.now();
      await contestant.run();
      if (round >= 0) times.get(contestant.engine)?.push(performance.now() - began);
    }
    const took = performance.now() - start;
    if (round === -1 && took > LONG_ROUND) rounds = 3;
    if (round === -2 && took > VERY_LONG_ROUND) [round, rounds] = [-1, 1];
  }
  for (const contestant of all) contestant.dispose();
  const milliseconds = Object.fromEntries([...times].map(([engine, values]) => [engine, median(values)]));
  log(`${contest.name}: ${JSON.stringify(milliseconds)} ${JSON.stringify(problems)}`);
  return { name: contest.name, flops: contest.flops, milliseconds, problems };
}
