/** Rules between the lab's controls. */
import { OWN_SIZE } from '../../../data/ownImages';
import { snap, type Config } from '../../../train/control';
import type { Constraint } from '../../../train/lab';
import { byTransformer } from './choices';
import type { Process } from '../process/framework';
import { limits, type Limit, type ProcessField } from '../process/limits';
import { askedProcess } from '../settings';
import { samplerControls } from './samplerControls';

/** Image sizes of the sets. */
const SIZES: Readonly<Record<string, number>> = { fashion: 28, digits: 28, emoji: 32, own: OWN_SIZE };

const number = (config: Config, id: string) => Number(config[id]);

/** Controls that hold what the process's limits are about. */
const CONTROLS: Readonly<Partial<Record<ProcessField, string>>> = {
  steps: 'nsteps',
  sigmaMin: 'smin',
  sigmaMax: 'smax',
  churn: 'churn',
  churnMax: 'churnmax',
  eta: 'eta',
  rho: 'rho',
  shift: 'shift',
};
/** σ_data is measured; no limit of what is sampled depends on it. */
const SIGMA_DATA = 0.5;

/** A limit of the process as a rule between controls: its words, and its fix on the controls' own grids. */
function ruleOf(limit: Limit): Constraint {
  const ids = limit.fields.flatMap((field) => CONTROLS[field] ?? []);
  // Numbers left to the framework stay so: the process cuts them itself (settleProcess), and they come back with another cell.
  const left = (config: Config) => ids.every((id) => config[id] === 0 && leavesToFramework(id));
  return {
    ids,
    problem: (config) => (left(config) ? undefined : limit.problem(askedProcess(config, SIGMA_DATA))),
    fix: (config) => {
      const asked = askedProcess(config, SIGMA_DATA);
      const [before, after] = [numbersOf(asked), numbersOf(limit.fix(asked))];
      const changed = limit.fields.flatMap((field) => {
        const [id, value] = [CONTROLS[field], after[field]];
        const same = value === before[field];
        return id === undefined || typeof value !== 'number' || same ? [] : [[id, gridded(id, value)]];
      });
      return { ...config, ...Object.fromEntries(changed) };
    },
  };
}

function numbersOf({ sampler, constants }: Process): Readonly<Record<string, unknown>> {
  return { ...constants, ...sampler };
}

function leavesToFramework(id: string): boolean {
  const control = samplerControls.find((c) => c.id === id);
  return control?.kind === 'number' && control.atZero !== undefined;
}

function gridded(id: string, value: number): number {
  const control = samplerControls.find((c) => c.id === id);
  if (control?.kind !== 'number') return value;
  const nearest = snap(control, value);
  // Downwards for churn, whose limit is from above.
  return id === 'churn' && nearest > value ? snap(control, nearest - control.step) : nearest;
}

export const constraints: readonly Constraint[] = [
  ...limits.filter(({ fields }) => fields.some((field) => CONTROLS[field] !== undefined)).map(ruleOf),
  {
    ids: ['patch'],
    problem: (config) => {
      if (!byTransformer(config)) return undefined;
      const size = number(config, 'size') || (SIZES[String(config['data'])] ?? 32);
      const patch = number(config, 'patch');
      return size % patch === 0
        ? undefined
        : {
            en: `Patches of ${patch} do not divide an image of ${size} pixels.`,
            zh: `边长 ${patch} 的图块不能整除 ${size} 像素的图像。`,
          };
    },
    fix: (config) => ({ ...config, patch: 4 }),
  },
  {
    ids: ['heads', 'dwidth'],
    problem: (config) => {
      const d = number(config, 'dwidth') / number(config, 'heads');
      return !byTransformer(config) || d <= 128
        ? undefined
        : { en: `A head would be ${d} wide; 128 is the most.`, zh: `每个头宽 ${d}，最多 128。` };
    },
    fix: (config) => ({ ...config, heads: 4 }),
  },
];
