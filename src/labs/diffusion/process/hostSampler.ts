/** The samplers in float64 on the host, from the same table as the device: for tests, for references, and where there is no GPU. */
import type { Level } from './schedule';
import type { Trajectory } from './trajectory';

export type Vector = readonly number[];

/** D, or the network's F, from the scaled input, at a level and label. */
export type HostNetwork = (
  input: Vector,
  at: { readonly level: Pick<Level, 'signal' | 'noise'>; readonly label: number },
) => Vector;

export interface HostInputs {
  /** The given start: unit noise or data, as the trajectory's start asks for; and drawn unit noise. */
  readonly given?: Vector;
  readonly startNoise?: Vector;
  /** Unit noise by number of steps done: entry i is added when i steps are done. */
  readonly noises?: readonly Vector[];
}

/** States after 0, 1, … steps, before the churn of the next step. */
export function sampleOnHost(trajectory: Trajectory, network: HostNetwork, inputs: HostInputs): number[][] {
  const [start] = trajectory.rows;
  const size = (inputs.given ?? inputs.startNoise ?? []).length;
  if (!start || size === 0) throw new Error('sampler: give a start, of one number at least');
  const noiseOf = (step: number, i: number) => inputs.noises?.[step]?.[i] ?? 0;
  const components = Array.from({ length: size }, (_, i) => i);
  let recorded = components.map(
    (i) => start.state * (inputs.given?.[i] ?? 0) + start.network * (inputs.startNoise?.[i] ?? 0),
  );
  let x = recorded.map((v, i) => v + start.fresh * noiseOf(0, i));
  let saved = components.map(() => 0);
  const states = [recorded];
  for (let k = 1; k <= trajectory.evaluations; k++) {
    const row = trajectory.rows[k];
    if (!row) break;
    const f = network(
      x.map((v) => row.input * v),
      { level: { signal: row.signal, noise: row.noise }, label: row.label },
    );
    const old = x;
    const next = components.map(
      (i) => row.state * (old[i] ?? 0) + row.network * (f[i] ?? 0) + row.saved * (saved[i] ?? 0),
    );
    saved = components.map((i) => row.savedState * (old[i] ?? 0) + row.savedNetwork * (f[i] ?? 0));
    x = next.map((v, i) => v + row.fresh * noiseOf(row.step, i));
    if (row.record === 1) recorded = x;
    else if (row.record === 2) recorded = next;
    else if (row.record === 3) recorded = components.map((i) => row.skip * (old[i] ?? 0) + row.out * (f[i] ?? 0));
    if (row.record > 0) states.push(recorded);
  }
  if (start.record === 0) states.push(x);
  return states;
}
