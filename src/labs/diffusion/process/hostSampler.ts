/** The samplers in float64 on the host, from the same table as the device: for tests, for references, and where there is no GPU. */
import type { Level } from './schedule';
import type { Row, Trajectory } from './trajectory';

/** D, or the network's F, from the scaled input, at a level and label. */
export type HostNetwork = (
  input: readonly number[],
  at: { readonly level: Pick<Level, 'signal' | 'noise'>; readonly label: number },
) => readonly number[];

export interface HostInputs {
  /** The given start: unit noise or data, as the trajectory's start asks for; and drawn unit noise. One of them at least. */
  readonly given?: ArrayLike<number>;
  readonly startNoise?: ArrayLike<number>;
  /** Unit noise by number of steps done: entry i is added when i steps are done. */
  readonly noises?: Readonly<Record<number, ArrayLike<number>>>;
}

/** A trajectory, one network evaluation at a time: `input` to the network, its output to `take`, until `row` is undefined. */
export class HostWalk {
  /** States after 0, 1, … steps, before the churn of the next step, where the trajectory records; else the start alone. */
  readonly states: number[][];
  private x: number[];
  private saved: number[];
  private done = 0;

  /** Throws where the start is empty. */
  constructor(
    private readonly trajectory: Trajectory,
    private readonly inputs: HostInputs,
  ) {
    const [start] = trajectory.rows;
    const size = (inputs.given ?? inputs.startNoise ?? []).length;
    if (!start || size === 0) throw new Error('sampler: give a start, of one number at least');
    const { given, startNoise } = inputs;
    const begun = Array.from(
      { length: size },
      (_, i) => start.state * (given?.[i] ?? 0) + start.network * (startNoise?.[i] ?? 0),
    );
    this.states = [begun];
    this.saved = begun.map(() => 0);
    this.x = this.noised(begun, start);
  }

  /** The next evaluation's coefficients; undefined at the end. */
  get row(): Row | undefined {
    return this.done < this.trajectory.evaluations ? this.trajectory.rows[this.done + 1] : undefined;
  }

  /** The state as it is now. */
  get state(): readonly number[] {
    return this.x;
  }

  /** c_in x̄: what the network sees. */
  input(): number[] {
    const { row } = this;
    return row ? this.x.map((v) => row.input * v) : [];
  }

  /** F of that input: takes the state one evaluation on. */
  take(f: ArrayLike<number>): void {
    const { row, x, saved } = this;
    if (!row) return;
    const next = x.map((v, i) => row.state * v + row.network * (f[i] ?? 0) + row.saved * (saved[i] ?? 0));
    this.saved = x.map((v, i) => row.savedState * v + row.savedNetwork * (f[i] ?? 0));
    this.x = this.noised(next, row);
    this.done++;
    if (row.record === 1) this.states.push(this.x);
    else if (row.record === 2) this.states.push(next);
    else if (row.record === 3) this.states.push(x.map((v, i) => row.skip * v + row.out * (f[i] ?? 0)));
  }

  private noised(x: number[], row: Row): number[] {
    const noise = this.inputs.noises?.[row.step];
    return row.fresh === 0 || !noise ? x : x.map((v, i) => v + row.fresh * (noise[i] ?? 0));
  }
}

/** States after 0, 1, … steps, before the churn of the next step; start and end alone where the trajectory does not record. */
export function sampleOnHost(trajectory: Trajectory, network: HostNetwork, inputs: HostInputs): number[][] {
  const walk = new HostWalk(trajectory, inputs);
  for (let { row } = walk; row; { row } = walk)
    walk.take(network(walk.input(), { level: { signal: row.signal, noise: row.noise }, label: row.label }));
  return trajectory.rows[0]?.record === 0 ? [...walk.states, [...walk.state]] : walk.states;
}
