/** Settings that cannot be, and what is done about each: said in both languages, never silently. */
import type { Text } from '../../../train/control';
import type { Process } from './framework';
import { iddpmTable } from './iddpmTable';
import { TABLES } from './constants';
import { followsSlope, isSecondOrder } from './samplers';
import { MOST_GAMMA, startsAtInfinity, trajectoryLevels } from './trajectory';

/** The settings that a rule is about, by their names in Process. */
export type ProcessField =
  | 'steps'
  | 'sigmaMin'
  | 'sigmaMax'
  | 'sigmaData'
  | 'churn'
  | 'churnMax'
  | 'eta'
  | 'rho'
  | 'shift'
  | 'grid'
  | 'variable';

/** A rule of the process. `problem` is undefined where it is kept; `fix` gives a process that keeps it. */
export interface Limit {
  readonly fields: readonly ProcessField[];
  readonly problem: (process: Process) => Text | undefined;
  readonly fix: (process: Process) => Process;
}

const digits = (x: number): string => String(Number(x.toPrecision(4)));

const withSampler = (process: Process, change: Partial<Process['sampler']>): Process => ({
  ...process,
  sampler: { ...process.sampler, ...change },
});
const withConstants = (process: Process, change: Partial<Process['constants']>): Process => ({
  ...process,
  constants: { ...process.constants, ...change },
});

function positive(field: 'sigmaMax' | 'sigmaData', name: string, fallback: number): Limit {
  return {
    fields: [field],
    problem: ({ constants }) =>
      constants[field] > 0 && Number.isFinite(constants[field])
        ? undefined
        : {
            en: `${name} is ${constants[field]}; it must be above 0 and was set to ${fallback}.`,
            zh: `${name} 为 ${constants[field]}，必须大于 0，已改为 ${fallback}。`,
          },
    fix: (process) => withConstants(process, { [field]: fallback }),
  };
}

/** σ_min where it does not lie between 0 and σ_max: a thousandth of that. */
const noiseRange: Limit = {
  fields: ['sigmaMin', 'sigmaMax'],
  problem: ({ constants: { sigmaMin, sigmaMax } }) =>
    sigmaMin > 0 && sigmaMin < sigmaMax
      ? undefined
      : {
          en: `σ_min (${digits(sigmaMin)}) must be above 0 and below σ_max (${digits(sigmaMax)}); it was set to ${digits(sigmaMax / 1000)}.`,
          zh: `σ_min（${digits(sigmaMin)}）必须大于 0 且小于 σ_max（${digits(sigmaMax)}），已改为 ${digits(sigmaMax / 1000)}。`,
        },
  fix: (process) => withConstants(process, { sigmaMin: process.constants.sigmaMax / 1000 }),
};

/** Network tables end where they end: iDDPM's has no level between 0 and u_999. */
const [tableTop = 0, tableBottom = 0] = [iddpmTable[0], iddpmTable[TABLES.M - 1]];
const tableRange: Limit = {
  fields: ['sigmaMin', 'sigmaMax'],
  problem: ({ preconditioning, grid, constants: { sigmaMin, sigmaMax } }) =>
    preconditioning !== 'iddpm' || grid === 'iddpmTable' || (sigmaMin >= tableBottom && sigmaMax <= tableTop)
      ? undefined
      : {
          en: `iDDPM’s network knows σ from ${digits(tableBottom)} to ${digits(tableTop)}; the range was cut to that.`,
          zh: `iDDPM 的网络只认 ${digits(tableBottom)} 到 ${digits(tableTop)} 的 σ，范围已截到其中。`,
        },
  fix: (process) =>
    withConstants(process, {
      sigmaMin: Math.max(process.constants.sigmaMin, tableBottom),
      sigmaMax: Math.min(process.constants.sigmaMax, tableTop),
    }),
};

const steps: Limit = {
  fields: ['steps'],
  problem: ({ sampler }) =>
    sampler.steps >= 1 && Number.isInteger(sampler.steps)
      ? undefined
      : {
          en: `${sampler.steps} steps cannot be taken; the number was set to ${wholeSteps(sampler.steps)}.`,
          zh: `无法走 ${sampler.steps} 步，步数已改为 ${wholeSteps(sampler.steps)}。`,
        },
  fix: (process) => withSampler(process, { steps: wholeSteps(process.sampler.steps) }),
};

function wholeSteps(count: number): number {
  return Number.isFinite(count) ? Math.max(1, Math.round(count)) : 1;
}

const churn: Limit = {
  fields: ['churn', 'steps'],
  problem: ({ sampler: { name, churn: amount, steps: count } }) => {
    if (amount < 0) return { en: `S_churn is ${amount}; it was set to 0.`, zh: `S_churn 为 ${amount}，已改为 0。` };
    const gamma = amount / count;
    if (!followsSlope(name) || gamma <= MOST_GAMMA) return undefined;
    return {
      en: `Churn of ${digits(gamma)} per step is over √2 − 1; S_churn was cut to the most that the number of steps allows, ${digits(mostChurn(count))}.`,
      zh: `每步扰动 ${digits(gamma)} 超过 √2 − 1；S_churn 已截到该步数所允许的最大值 ${digits(mostChurn(count))}。`,
    };
  },
  fix: (process) => {
    const { churn: amount, steps: count } = process.sampler;
    return withSampler(process, { churn: Math.max(0, Math.min(amount, mostChurn(count))) });
  },
};

function mostChurn(count: number): number {
  return count * MOST_GAMMA;
}

const churnRange: Limit = {
  fields: ['churn', 'churnMax'],
  problem: ({ sampler }) =>
    sampler.churn > 0 && sampler.churnMin > sampler.churnMax
      ? {
          en: `S_tmin (${digits(sampler.churnMin)}) is over S_tmax (${digits(sampler.churnMax)}), so no step would churn; S_tmax was set to S_tmin.`,
          zh: `S_tmin（${digits(sampler.churnMin)}）大于 S_tmax（${digits(sampler.churnMax)}），不会有任何扰动；S_tmax 已改为 S_tmin。`,
        }
      : undefined,
  fix: (process) => withSampler(process, { churnMax: process.sampler.churnMin }),
};

function within(field: 'eta' | 'rho' | 'shift', name: string, low: number, high: number): Limit {
  const fixed = ({ sampler }: Process) =>
    Number.isFinite(sampler[field]) ? Math.min(high, Math.max(low, sampler[field])) : low;
  return {
    fields: [field],
    problem: (process) => {
      const value = process.sampler[field];
      if (value >= low && value <= high) return undefined;
      return {
        en: `${name} is ${value}; it must lie between ${low} and ${high} and was set to ${fixed(process)}.`,
        zh: `${name} 为 ${value}，须在 ${low} 与 ${high} 之间，已改为 ${fixed(process)}。`,
      };
    },
    fix: (process) => withSampler(process, { [field]: fixed(process) }),
  };
}

/** Tables of 1000 levels give no more steps than that. */
const tableSteps: Limit = {
  fields: ['steps', 'grid'],
  problem: (process) =>
    hasTable(process) && process.sampler.steps > TABLES.M
      ? {
          en: `The grid’s table has ${TABLES.M} levels; the number of steps was set to that.`,
          zh: `该网格的表只有 ${TABLES.M} 个噪声级，步数已改为此数。`,
        }
      : undefined,
  fix: (process) => withSampler(process, { steps: TABLES.M }),
};

function hasTable({ grid }: Process): boolean {
  return grid === 'iddpmTable' || grid === 'ddimUniform' || grid === 'ddimQuadratic';
}

/** In the order in which they are settled. */
export const limits: readonly Limit[] = [
  positive('sigmaData', 'σ_data', 0.5),
  positive('sigmaMax', 'σ_max', 80),
  noiseRange,
  tableRange,
  steps,
  within('eta', 'η', 0, 1),
  within('rho', 'ρ', 1, 100),
  within('shift', 'h', 0.01, 100),
  tableSteps,
  churn,
  churnRange,
];

/** A process that can be sampled, and what was changed for it. */
export function settleProcess(process: Process): {
  readonly process: Process;
  readonly problems: readonly { readonly fields: readonly ProcessField[]; readonly message: Text }[];
} {
  const problems: { fields: readonly ProcessField[]; message: Text }[] = [];
  let settled = process;
  for (const limit of limits) {
    const message = limit.problem(settled);
    if (!message) continue;
    problems.push({ fields: limit.fields, message });
    settled = limit.fix(settled);
  }
  return { process: settled, problems };
}

/** What a reader should know of a combination that is possible, such as where flow matching really starts. */
export function remarks(process: Process, exact = false): readonly Text[] {
  const { grid, sampler, constants } = process;
  const said: Text[] = [];
  if (grid === 'flowTime' && !startsAtInfinity(process, exact)) {
    said.push({
      en: `Flow time 1 is σ = ∞, which this combination cannot start from; it starts at σ_max = ${digits(constants.sigmaMax)}.`,
      zh: `流时间 1 对应 σ = ∞，此组合无法由此开始，改从 σ_max = ${digits(constants.sigmaMax)} 开始。`,
    });
  }
  const taken = hasTable(process) ? trajectoryLevels(process, { exact }).length - 1 : sampler.steps;
  if (taken < sampler.steps) {
    said.push({
      en: `The grid’s table gives ${taken} different levels for ${sampler.steps} steps: so many are taken.`,
      zh: `该网格的表为 ${sampler.steps} 步只给出 ${taken} 个不同的噪声级，实际走 ${taken} 步。`,
    });
  }
  if (sampler.churn > 0 && !followsSlope(sampler.name)) {
    said.push({
      en: 'Churn acts on Euler and second-order steps only; this sampler adds noise of its own or none.',
      zh: '扰动只作用于 Euler 与二阶步；此采样器自带噪声或不加噪声。',
    });
  }
  if (isSecondOrder(sampler.name) && sampler.steps === 1 && sampler.endAtZero && sampler.name === 'heun') {
    said.push({ en: 'One Heun step to σ = 0 is an Euler step.', zh: '到 σ = 0 的单个 Heun 步就是 Euler 步。' });
  }
  return said;
}
