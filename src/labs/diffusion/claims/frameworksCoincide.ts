import type { Claim } from '../../../train/claim';
import { exceptions, wholeVerdict, type Part } from '../../../train/claimParts';
import { figure, Parts } from '../../../train/claimProgress';
import type { Text } from '../../../train/control';
import type { ClaimResult } from '../../../train/protocol';
import type { Chart } from '../../../ui/chart';
import { exactModel } from '../model';
import type { Process } from '../process/framework';
import { levelAt } from '../process/schedule';
import { trajectoryLevels } from '../process/trajectory';
import { distanceOf, farthestOf, PointSampler, processWith } from './pointSampler';
import { TOY, TOY_WORDS, toyData } from './shared';

/** Levels of all, by σ: DDPM's linear ones, so that they are DDIM's own. */
const STEPS = 10;
const LEVELS = { grid: 'ddimUniform' } as const;
const SEED = 1;
/** Rounding to f32, which the ODE multiplies where it parts ways: at most so much, of coordinates within ±1. */
const ROUNDING = 1e-4;
/** Root mean square distance of end points from which two samplers differ. */
const DIFFERENCE = 1e-2;

interface Pair {
  readonly id: string;
  readonly name: Text;
  readonly first: Process;
  readonly second: Process;
  readonly coincide: boolean;
}

const same = (id: string, name: Text, first: Process, second: Process): Pair => ({
  id,
  name,
  first,
  second,
  coincide: true,
});
const other = (id: string, name: Text, first: Process, second: Process): Pair => ({
  id,
  name,
  first,
  second,
  coincide: false,
});
const steps = STEPS;
const inSigma = processWith('edm', { name: 'euler', steps }, LEVELS);
const ddim = processWith('vp', { name: 'ddim', steps, eta: 0 }, LEVELS);
const ddimOne = processWith('vp', { name: 'ddim', steps, eta: 1 }, LEVELS);
const ddpmSmall = processWith('vp', { name: 'ddpmSmall', steps }, LEVELS);
const multistep = processWith('vp', { name: 'dpmpp2m', steps }, LEVELS);

const PAIRS: readonly Pair[] = [
  same('ddimEuler', { en: 'DDIM η = 0, Euler in σ', zh: 'DDIM η = 0 与 σ 上的 Euler' }, ddim, inSigma),
  same(
    'ddimFlow',
    { en: 'DDIM η = 0, flow’s Euler', zh: 'DDIM η = 0 与流的 Euler' },
    ddim,
    processWith('flow', { name: 'euler', variable: 'time', steps }, LEVELS),
  ),
  same('ddimDdpm', { en: 'DDIM η = 1, DDPM small variance', zh: 'DDIM η = 1 与 DDPM 小方差' }, ddimOne, ddpmSmall),
  same(
    'ddimAncestral',
    { en: 'DDIM η = 1, ancestral', zh: 'DDIM η = 1 与祖先采样' },
    ddimOne,
    processWith('edm', { name: 'ancestral', steps }, LEVELS),
  ),
  same(
    'multistep',
    { en: '2M on VP, 2M on flow', zh: 'VP 与流上的 2M' },
    multistep,
    processWith('flow', { name: 'dpmpp2m', steps }, LEVELS),
  ),
  other(
    'heun',
    { en: 'Heun in σ, Heun in flow time', zh: 'σ 上与流时间上的 Heun' },
    processWith('edm', { name: 'heun', steps }, LEVELS),
    processWith('flow', { name: 'heun', variable: 'time', steps }, LEVELS),
  ),
  other(
    'vpTime',
    { en: 'DDIM η = 0, Euler in VP time', zh: 'DDIM η = 0 与 VP 时间上的 Euler' },
    ddim,
    processWith('vp', { name: 'euler', variable: 'time', steps }, LEVELS),
  ),
  other(
    'variance',
    { en: 'DDPM, small and large variance', zh: 'DDPM 小方差与大方差' },
    ddpmSmall,
    processWith('vp', { name: 'ddpmLarge', steps }, LEVELS),
  ),
];

/** How far a pair is apart after each step, in the unscaled state: the farthest coordinate, and the distance at the end. */
export interface Apart {
  readonly farthest: readonly number[];
  readonly end: number;
}

type Measured = readonly (readonly [Pair, Apart])[];

export const frameworksCoincide: Claim = {
  id: 'frameworks-coincide',
  steps: { gpu: 20000, software: 4096 },
  configs: [
    { ...TOY, framework: 'vp', sampler: 'ddim', grid: 'ddimUniform', nsteps: STEPS },
    { ...TOY, framework: 'edm', sampler: 'euler', grid: 'ddimUniform', nsteps: STEPS },
    { ...TOY, framework: 'flow', grid: 'ddimUniform', nsteps: STEPS },
  ],
  async run(context, onProgress, signal) {
    const { runtime, steps: points } = context;
    const measured: (readonly [Pair, Apart])[] = [];
    const parts = new Parts(2 * PAIRS.length, () => chartOf(measured), onProgress);
    const form = { points, evaluations: 2 * STEPS, history: STEPS };
    const sampler = await PointSampler.open(runtime, exactModel(await toyData(context)), form, signal);
    try {
      for (const pair of PAIRS) {
        const first = await parts.run(pair.name, (tell) => pathOf(sampler, pair.first, tell));
        const second = await parts.run(pair.name, (tell) => pathOf(sampler, pair.second, tell));
        measured.push([pair, apartOf(first, second)]);
      }
    } finally {
      sampler.dispose();
    }
    return resultOf(measured, points);
  },
};

/** Unscaled states x/s on the way. */
async function pathOf(
  sampler: PointSampler,
  process: Process,
  tell: (share: number) => void,
): Promise<readonly Float32Array[]> {
  const sigmas = trajectoryLevels(ddim).map((level) => level.sigma);
  const levels = sigmas.map((sigma) => levelAt(process.schedule, sigma, process.constants));
  const { states } = await sampler.path({ process, seed: SEED, levels, tell });
  return states.map((state, i) => state.map((x) => x / (levels[i]?.signal ?? 1)));
}

function apartOf(first: readonly Float32Array[], second: readonly Float32Array[]): Apart {
  const [a, b] = [first.at(-1), second.at(-1)];
  if (!a || !b) throw new Error('claim "frameworks-coincide": a path is empty');
  return { farthest: first.map((x, i) => farthestOf(x, second[i] ?? x)), end: distanceOf(a, b) };
}

function chartOf(measured: Measured): Chart {
  return {
    kind: 'lines',
    log: { y: true },
    x: { en: 'steps done', zh: '已走步数' },
    y: { en: 'farthest apart', zh: '最大差距' },
    // A logarithmic axis has no place for the common start.
    series: PAIRS.slice(0, 7).map(({ name, id }) => ({
      name,
      points: (measured.find(([pair]) => pair.id === id)?.[1].farthest ?? []).flatMap((value, step) =>
        value > 0 ? [[step, value] as const] : [],
      ),
    })),
  };
}

/** Coinciding pairs end within rounding of each other in every coordinate; the others apart on average. */
export function coincidence(name: Text, { farthest, end }: Apart, coincide: boolean): Part {
  const last = farthest.at(-1) ?? NaN;
  if (!Number.isFinite(last) || !Number.isFinite(end)) return { name, verdict: 'undecided' };
  const holds = coincide ? last <= ROUNDING : end >= DIFFERENCE;
  return { name, verdict: holds ? 'holds' : 'fails' };
}

function resultOf(measured: Measured, points: number): ClaimResult {
  const parts = measured.map(([{ name, coincide }, apart]) => coincidence(name, apart, coincide));
  const not = exceptions(parts);
  const ends = (coincide: boolean) =>
    measured.flatMap(([pair, { farthest, end }]) => (pair.coincide === coincide ? [{ farthest, end }] : []));
  const most = Math.max(...ends(true).map(({ farthest }) => farthest.at(-1) ?? NaN));
  const least = Math.min(...ends(false).map(({ end }) => end));
  const heun = measured.find(([pair]) => pair.id === 'heun')?.[1].end ?? NaN;
  return {
    id: 'frameworks-coincide',
    verdict: wholeVerdict(parts),
    summary: {
      en: `The ${ends(true).length} pairs that should coincide end at most ${figure(most)} apart in any coordinate; the ${ends(false).length} that should not are ${figure(least)} or more apart on average (Heun in σ and in flow time: ${figure(heun)}).${not.en}`,
      zh: `应重合的 ${ends(true).length} 对终点各坐标相差至多 ${figure(most)}；不应重合的 ${ends(false).length} 对平均相差 ${figure(least)} 以上（σ 与流时间上的 Heun：${figure(heun)}）。${not.zh}`,
    },
    setup: {
      en: `${TOY_WORDS.en}, exact denoiser; ${STEPS} steps over DDIM's levels for all, ${points} points from the same noise, fresh noise the same too; apart: coordinates in single precision, or root mean square distance.`,
      zh: `${TOY_WORDS.zh}，精确去噪器；均用 DDIM 噪声级走 ${STEPS} 步，${points} 个点，初始与途中噪声相同；差距为单精度坐标之差，或均方根距离。`,
    },
    chart: chartOf(measured),
    figures: {
      ...Object.fromEntries(measured.map(([{ id }, { farthest }]) => [`${id}Farthest`, farthest.at(-1) ?? NaN])),
      ...Object.fromEntries(measured.map(([{ id }, { end }]) => [`${id}Distance`, end])),
      points,
      steps: STEPS,
    },
  };
}
