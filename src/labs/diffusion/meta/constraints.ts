/** Rules between the lab's controls. */
import { OWN_SIZE } from '../../../data/ownImages';
import type { Config } from '../../../train/control';
import type { Constraint } from '../../../train/lab';
import { inPlane } from './choices';
import { frameworks, type FrameworkName } from '../process/framework';

/** Churn raises a step's noise by √2 − 1 at most (Karras et al. 2022, algorithm 2). */
const MOST_CHURN = Math.SQRT2 - 1;
/** Image sizes of the sets. */
const SIZES: Readonly<Record<string, number>> = { fashion: 28, digits: 28, emoji: 32, own: OWN_SIZE };

const number = (config: Config, id: string) => Number(config[id]);

/** Noise range that a config samples over, its own numbers before the framework's. */
function range(config: Config): [number, number] {
  const { sigmaMin, sigmaMax } = frameworks[config['framework'] as FrameworkName].constants;
  return [number(config, 'smin') || sigmaMin, number(config, 'smax') || sigmaMax];
}

export const constraints: readonly Constraint[] = [
  {
    ids: ['smin', 'smax'],
    problem: (config) => {
      const [low, high] = range(config);
      return low < high
        ? undefined
        : { en: `σ_min ${low} is not below σ_max ${high}.`, zh: `σ_min ${low} 不小于 σ_max ${high}。` };
    },
    fix: (config) => ({ ...config, smin: 0, smax: 0 }),
  },
  {
    ids: ['churnmin', 'churnmax'],
    problem: (config) =>
      number(config, 'churnmin') <= number(config, 'churnmax')
        ? undefined
        : { en: 'S_tmin is above S_tmax: churn would act nowhere.', zh: 'S_tmin 大于 S_tmax：不会加噪。' },
    fix: (config) => ({ ...config, churnmin: 0.05, churnmax: 50 }),
  },
  {
    ids: ['churn', 'nsteps'],
    problem: (config) => {
      const most = Math.floor(MOST_CHURN * number(config, 'nsteps'));
      return number(config, 'churn') <= most
        ? undefined
        : {
            en: `S_churn over ${number(config, 'nsteps')} steps is above √2 − 1 per step: ${most} is the most.`,
            zh: `S_churn 平均每步超过 √2 − 1：${number(config, 'nsteps')} 步时最多 ${most}。`,
          };
    },
    fix: (config) => ({ ...config, churn: Math.floor(MOST_CHURN * number(config, 'nsteps')) }),
  },
  {
    ids: ['patch'],
    problem: (config) => {
      if (inPlane(config)) return undefined;
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
      return inPlane(config) || d <= 128
        ? undefined
        : { en: `A head would be ${d} wide; 128 is the most.`, zh: `每个头宽 ${d}，最多 128。` };
    },
    fix: (config) => ({ ...config, heads: 4 }),
  },
];
