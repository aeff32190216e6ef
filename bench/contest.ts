/** One thing that is timed: the same computation by several engines. */
export interface Contestant {
  readonly engine: 'glimpse' | 'jax-js' | 'tfjs' | 'onnxruntime-web' | 'plain';
  /** Runs once and waits until the device is done. */
  run(): Promise<void>;
  /** The result of a run, for the check. */
  result(): Promise<ArrayLike<number>>;
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

const WARM_UP = 2;
const ROUNDS = 9;
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
    try {
      const error = relativeError(await contestant.result(), want);
      if (error > TOLERANCE) throw new Error(`its result differs by ${error.toPrecision(2)}`);
      fit.push(contestant);
    } catch (error) {
      problems[contestant.engine] = error instanceof Error ? error.message : String(error);
    }
  }
  const times = new Map(fit.map((c) => [c.engine, [] as number[]]));
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    for (const contestant of fit) {
      const began = performance.now();
      await contestant.run();
      if (round >= 0) times.get(contestant.engine)?.push(performance.now() - began);
    }
  }
  for (const contestant of all) contestant.dispose();
  const milliseconds = Object.fromEntries([...times].map(([engine, values]) => [engine, median(values)]));
  log(`${contest.name}: ${JSON.stringify(milliseconds)} ${JSON.stringify(problems)}`);
  return { name: contest.name, flops: contest.flops, milliseconds, problems };
}
