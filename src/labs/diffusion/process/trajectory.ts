/** A whole trajectory as a table of coefficients, a row for the start and one for each network evaluation: what the device replays. */
import { SAMPLER_COLUMNS } from '../../../engine/ops/edmSampler';
import { hostArithmetic } from './arithmetic';
import type { Process } from './framework';
import { gridSigmas } from './grid';
import { preconditionings } from './preconditioning';
import { followsSlope, isSecondOrder, samplers, type Stage } from './samplers';
import { levelAt, type Level } from './schedule';

export type Row = Readonly<Record<(typeof SAMPLER_COLUMNS)[number], number>>;

/** What the history keeps after each step. */
const RECORD = { nothing: 0, state: 1, stateBeforeChurn: 2, denoised: 3 } as const;

export interface TrajectoryOptions {
  /** The network is an exact denoiser: it takes the state as it is and gives D. */
  readonly exact?: boolean;
  /**
   * noise: β ε drawn on the device; givenNoise: β times the given unit noise; givenData: α times given data + β ε drawn (SDEdit).
   */
  readonly start?: 'noise' | 'givenNoise' | 'givenData';
  /** Begins at the first level that is not above this σ (partial noising). */
  readonly fromSigma?: number;
  readonly record?: 'nothing' | 'state' | 'denoised';
}

export interface Trajectory {
  /** Row 0 is the start, the last row names the final level only. */
  readonly rows: readonly Row[];
  /** Network evaluations: rows 1 … evaluations. */
  readonly evaluations: number;
  /** Level before the first step and after each step: what history row i holds. */
  readonly levels: readonly Level[];
}

/** Largest γ of a churn step (Karras et al. 2022, algorithm 2): the noise's variance at most doubles. */
export const MOST_GAMMA = Math.SQRT2 - 1;

/** γ of a step from σ. */
export function churnGamma(sigma: number, { sampler }: Process): number {
  const { name, churn, churnMin, churnMax, steps } = sampler;
  if (churn <= 0 || !followsSlope(name) || sigma < churnMin || sigma > churnMax || sigma === Infinity) return 0;
  return Math.min(churn / steps, MOST_GAMMA);
}

/** Whether flow times may begin at t = 1, where σ is infinite: with velocity prediction or an exact denoiser, and steps that hold there. */
export function startsAtInfinity(process: Process, exact: boolean): boolean {
  const { grid, schedule, preconditioning, sampler } = process;
  const bounded = sampler.variable === 'time' || !isSecondOrder(sampler.name);
  return grid === 'flowTime' && schedule === 'flow' && (exact || preconditioning === 'flow') && bounded;
}

/** The levels of a process's grid, the last at σ = 0 where the sampler ends there. Throws when fewer than one step is left. */
export function trajectoryLevels(
  process: Process,
  { exact = false, fromSigma = Infinity }: TrajectoryOptions = {},
): Level[] {
  const { sampler, constants, schedule, grid } = process;
  const points = sampler.steps + (sampler.endAtZero ? 0 : 1);
  const sigmas = gridSigmas(grid, { ...sampler, steps: points }, constants, startsAtInfinity(process, exact));
  const kept = sigmas.filter((sigma) => sigma <= fromSigma);
  if (sampler.endAtZero) kept.push(0);
  if (kept.length < 2) {
    throw new Error(
      `sampler: ${sampler.steps} steps leave no step below σ = ${fromSigma}; use more steps or start higher`,
    );
  }
  return kept.map((sigma) => levelAt(schedule, sigma, constants));
}

/** The table of a process on its own grid, or on the levels given. */
export function makeTrajectory(
  process: Process,
  options: TrajectoryOptions = {},
  levels: readonly Level[] = trajectoryLevels(process, options),
): Trajectory {
  const { start = 'noise', record = 'nothing' } = options;
  const [first] = levels;
  if (!first) throw new Error('sampler: a trajectory needs two levels at least');
  const churned = levels.map((level) => churnOf(level, process));
  const recordCode = record === 'state' ? RECORD.stateBeforeChurn : RECORD[record];
  const rows: Row[] = [
    {
      ...levelRow(churned[0]?.level ?? first, process, options),
      step: 0,
      state: { noise: 0, givenNoise: first.noise, givenData: first.signal }[start],
      network: start === 'givenNoise' ? 0 : first.noise,
      fresh: churned[0]?.fresh ?? 0,
      record: recordCode,
    },
  ];
  for (let i = 0; i + 1 < levels.length; i++) {
    const to = levels[i + 1] ?? first;
    const isLast = i + 2 === levels.length;
    const stages = samplers[process.sampler.name]({
      from: churned[i]?.level ?? first,
      to,
      before: i > 0 ? levels[i - 1] : undefined,
      isLast,
      schedule: process.schedule,
      settings: process.sampler,
      constants: process.constants,
    });
    stages.forEach((stage, k) => {
      const ends = k + 1 === stages.length;
      const churn = ends && !isLast ? (churned[i + 1]?.fresh ?? 0) : 0;
      const row = stageRow(stage, process, options);
      const hasOwnNoise = (stage.fresh ?? 0) !== 0;
      const keeps = !ends ? RECORD.nothing : record === 'state' && hasOwnNoise ? RECORD.state : recordCode;
      rows.push({ ...row, step: i + 1, fresh: (stage.fresh ?? 0) + churn, record: keeps });
    });
  }
  const evaluations = rows.length - 1;
  rows.push({ ...EMPTY, signal: levels.at(-1)?.signal ?? 1, noise: levels.at(-1)?.noise ?? 0 });
  return { rows, evaluations, levels };
}

const EMPTY = Object.fromEntries(SAMPLER_COLUMNS.map((name) => [name, 0])) as Row;

/**
 * The level at which a step evaluates after churn, σ̂ = σ(1 + γ), and the noise that takes the state there. The state keeps the scale of
 * the level that it came from.
 */
function churnOf(level: Level, process: Process): { level: Level; fresh: number } {
  const gamma = churnGamma(level.sigma, process);
  if (gamma === 0) return { level, fresh: 0 };
  const sigma = level.sigma * (1 + gamma);
  const { time } = levelAt(process.schedule, sigma, process.constants);
  const added = level.signal * Math.sqrt(sigma ** 2 - level.sigma ** 2);
  return {
    level: { time, sigma, signal: level.signal, noise: level.signal * sigma },
    fresh: added * process.sampler.churnNoise,
  };
}

/** What the network sees at a level, and how D follows from its output. */
function levelRow(level: Level, process: Process, { exact = false }: TrajectoryOptions): Row {
  const { guidance } = process.sampler;
  const base = { ...EMPTY, signal: level.signal, noise: level.noise, guidance };
  if (exact) return { ...base, input: 1, label: level.sigma, skip: 0, out: 1 };
  const { coefficients, label } = preconditionings[process.preconditioning];
  const { skip, out, input } = coefficients(hostArithmetic, level, process.constants);
  return { ...base, input, skip, out, label: label(hostArithmetic, Math.min(level.sigma, 1e12), process.constants) };
}

/** A stage with D = skip·x + out·F put in, so that the device combines x and F alone. */
function stageRow(stage: Stage, process: Process, options: TrajectoryOptions): Row {
  const row = levelRow(stage.at, process, options);
  const { saves = { state: 0, denoised: 0 } } = stage;
  return {
    ...row,
    state: stage.state + stage.denoised * row.skip,
    network: stage.denoised * row.out,
    saved: stage.saved ?? 0,
    savedState: saves.state + saves.denoised * row.skip,
    savedNetwork: saves.denoised * row.out,
  };
}

/** The table as the device takes it, f32 [rows, 16]. */
export function tableOf({ rows }: Trajectory): Float32Array {
  return Float32Array.from(rows.flatMap((row) => SAMPLER_COLUMNS.map((name) => Math.fround(row[name]))));
}
