import type { Claim } from '../../../train/claim';
import { atLeastTimes, exceptions, geometricMean, wholeVerdict, within, type Part } from '../../../train/claimParts';
import { figure, Found, Parts } from '../../../train/claimProgress';
import type { Text } from '../../../train/control';
import type { ClaimResult } from '../../../train/protocol';
import type { Chart } from '../../../ui/chart';
import { mixtureOf } from '../data/mixture';
import { exactModel } from '../model';
import type { SamplerSettings } from '../process/samplerSettings';
import { distanceOf, PointSampler, processWith, REFERENCE_STEPS, referenceEnds, type PointRun } from './pointSampler';
import { REFERENCE_LENGTH, SEEDS, TOY, TOY_WORDS, toyData } from './shared';

type Method = 'euler' | 'heun' | 'dpmpp2m';
const METHODS: readonly Method[] = ['euler', 'heun', 'dpmpp2m'];
const NAMES: Readonly<Record<Method, Text>> = {
  euler: { en: 'Euler', zh: 'Euler' },
  heun: { en: 'Heun', zh: 'Heun' },
  dpmpp2m: { en: 'DPM-Solver++(2M)', zh: 'DPM-Solver++(2M)' },
};

/** Network evaluations at which the samplers are compared; odd, since N Heun steps take 2N − 1. */
const EVALUATIONS = [9, 15, 19, 25, 31, 35, 51, 79] as const;
const FROM = 15;
/** "About 30": Heun must be behind at so many evaluations and fewer, ahead at so many and more; between them nothing is asked. */
const [BEHIND, AHEAD] = [25, 35];

/** One Gaussian, whose end points are known, for the order of convergence: steps that are halved. */
const GAUSSIAN = { mean: [0.4, -0.2], deviation: 0.3 } as const;
const HALVED = [16, 32, 64, 128] as const;
/** Powers of the step that count as first and as second order. */
const FIRST: readonly [number, number] = [0.8, 1.2];
const SECOND: readonly [number, number] = [1.75, 2.5];

type Errors = Found<Method>;

export interface Orders {
  readonly euler: number;
  readonly heun: number;
  readonly dpmpp2m: number;
}

export const orderOfSamplers: Claim = {
  id: 'order-of-samplers',
  steps: { gpu: 20000, software: 4096 },
  configs: METHODS.map((name) => ({ ...TOY, sampler: name, nsteps: stepsFor(name, 35) })),
  async run(context, onProgress, signal) {
    const { runtime, steps: points } = context;
    const data = await toyData(context);
    const errors: Errors = new Found();
    const orderRuns = METHODS.length * HALVED.length;
    const total = orderRuns + SEEDS.length * (REFERENCE_LENGTH + METHODS.length * EVALUATIONS.length);
    const parts = new Parts(total, () => chartOf(errors), onProgress);
    const [x = 0, y = 0] = GAUSSIAN.mean;
    const one = exactModel({ ...data, mixture: mixtureOf([[x, y, GAUSSIAN.deviation]]) });
    const orders = await using(await PointSampler.open(runtime, one, { points }, signal), (sampler) =>
      ordersOf(sampler, parts),
    );
    await using(await PointSampler.open(runtime, exactModel(data), { points }, signal), (sampler) =>
      compare(sampler, errors, parts),
    );
    return resultOf(errors, orders, points);
  },
};

async function using<T>(sampler: PointSampler, work: (sampler: PointSampler) => Promise<T>): Promise<T> {
  try {
    return await work(sampler);
  } finally {
    sampler.dispose();
  }
}

/** Steps that take `evaluations` of the network. */
function stepsFor(name: Method, evaluations: number): number {
  return name === 'heun' ? (evaluations + 1) / 2 : evaluations;
}

/** Errors of all methods on the toy, for each number of evaluations and noise. */
async function compare(sampler: PointSampler, errors: Errors, parts: Parts): Promise<void> {
  for (const seed of SEEDS) {
    const what = { en: `Reference, noise ${seed}`, zh: `参考解，噪声 ${seed}` };
    const reference = await parts.run(what, (tell) => referenceEnds(sampler, seed, tell), REFERENCE_LENGTH);
    for (const count of EVALUATIONS) {
      for (const name of METHODS) {
        const process = processWith('edm', { name, steps: stepsFor(name, count) });
        const named = {
          en: `${NAMES[name].en}, ${count} evaluations, noise ${seed}`,
          zh: `${NAMES[name].zh}，${count} 次调用，噪声 ${seed}`,
        };
        const ends = await parts.run(named, (tell) => sampler.ends({ process, seed, tell }));
        errors.add(name, count, distanceOf(ends, reference));
      }
    }
  }
}

/** How fast the error falls on one Gaussian: log₂ of its quotient when the steps are halved for the last time. */
async function ordersOf(sampler: PointSampler, parts: Parts): Promise<Orders> {
  const [seed] = SEEDS;
  const order = async (name: Method): Promise<number> => {
    const found: number[] = [];
    for (const steps of HALVED) {
      const settings: Partial<SamplerSettings> = { name, steps, endAtZero: false, lowerOrderFinal: false };
      const run: PointRun = { process: processWith('edm', settings), seed };
      const what = {
        en: `${NAMES[name].en} on one Gaussian, ${steps} steps`,
        zh: `${NAMES[name].zh}，单个高斯，${steps} 步`,
      };
      const { levels, states } = await parts.run(what, (tell) => sampler.startAndEnd({ ...run, tell }));
      const [from, to] = [levels[0]?.sigma ?? NaN, levels.at(-1)?.sigma ?? NaN];
      found.push(distanceOf(states[1], gaussianEnds(states[0], from, to)));
    }
    const [coarse = NaN, fine = NaN] = found.slice(-2);
    return Math.log2(coarse / fine);
  };
  return { euler: await order('euler'), heun: await order('heun'), dpmpp2m: await order('dpmpp2m') };
}

/** Exact: x(σ') = μ + (x − μ) √((sd² + σ'²)/(sd² + σ²)). */
function gaussianEnds(starts: Float32Array, from: number, to: number): Float32Array {
  const { mean, deviation } = GAUSSIAN;
  const factor = Math.sqrt((deviation ** 2 + to ** 2) / (deviation ** 2 + from ** 2));
  return starts.map((x, i) => {
    const m = mean[i % 2] ?? 0;
    return m + (x - m) * factor;
  });
}

function chartOf(errors: Errors): Chart {
  return {
    kind: 'lines',
    log: { x: true, y: true },
    x: { en: 'network evaluations', zh: '网络调用次数' },
    y: { en: 'end-point RMSE', zh: '终点均方根误差' },
    series: METHODS.map((name) => ({ name: NAMES[name], points: errors.line(name, EVALUATIONS, geometricMean) })),
  };
}

export function orderParts(of: (name: Method, evaluations: number) => readonly number[], orders: Orders): Part[] {
  const at = (least: number, most: number) => EVALUATIONS.filter((count) => count >= least && count <= most);
  const ordered = (name: Method, [low, high]: readonly [number, number]): Part => ({
    name: {
      en: `order of ${NAMES[name].en} in ${low}…${high}`,
      zh: `${NAMES[name].zh} 的阶在 ${low}…${high}`,
    },
    verdict: within(orders[name], low, high),
  });
  const ahead = (better: Method, worse: Method, count: number): Part => ({
    name: {
      en: `${NAMES[better].en} before ${NAMES[worse].en} at ${count}`,
      zh: `${count} 次调用时 ${NAMES[better].zh} 优于 ${NAMES[worse].zh}`,
    },
    verdict: atLeastTimes(of(worse, count), of(better, count)),
  });
  return [
    ordered('euler', FIRST),
    ordered('heun', SECOND),
    ordered('dpmpp2m', SECOND),
    ...at(FROM, Infinity).flatMap((count) => [ahead('dpmpp2m', 'euler', count), ahead('dpmpp2m', 'heun', count)]),
    ...at(0, BEHIND).map((count) => ahead('euler', 'heun', count)),
    ...at(AHEAD, Infinity).map((count) => ahead('heun', 'euler', count)),
  ];
}

/** Evaluations at which a method's error falls below Euler's for good, straight between neighbours on both logarithmic axes. */
export function crossing(name: Method, of: (name: Method, evaluations: number) => number): number {
  const lead = (count: number) => Math.log(of('euler', count) / of(name, count));
  for (let i = EVALUATIONS.length - 1; i > 0; i--) {
    const [a, b] = [EVALUATIONS[i - 1] ?? NaN, EVALUATIONS[i] ?? NaN];
    if (lead(a) <= 0 && lead(b) > 0) return a * (b / a) ** (lead(a) / (lead(a) - lead(b)));
  }
  return NaN;
}

function resultOf(errors: Errors, orders: Orders, points: number): ClaimResult {
  const mean = (name: Method, count: number) => geometricMean(errors.of(name, count));
  const parts = orderParts((name, count) => errors.of(name, count), orders);
  const not = exceptions(parts);
  const order = METHODS.map((name) => orders[name].toFixed(2)).join(' / ');
  const at35 = METHODS.map((name) => figure(mean(name, 35))).join(' / ');
  const [heun, multistep] = [crossing('heun', mean), crossing('dpmpp2m', mean)];
  return {
    id: 'order-of-samplers',
    verdict: wholeVerdict(parts),
    summary: {
      en: `Euler / Heun / 2M: order ${order}; end-point error at 35 evaluations ${at35}; 2M passes Euler at ${figure(multistep)}, Heun at ${figure(heun)}.${not.en}`,
      zh: `Euler / Heun / 2M：阶 ${order}；35 次调用的终点误差 ${at35}；2M 在 ${figure(multistep)} 次、Heun 在 ${figure(heun)} 次时超过 Euler。${not.zh}`,
    },
    setup: {
      en: `${TOY_WORDS.en}, exact denoiser; from σ = 80, ρ = 7, against ${REFERENCE_STEPS} Heun steps from the same noise; ${points} points, ${SEEDS.length} draws of noise. Order: one Gaussian, steps halved to 1/${HALVED.at(-1)}.`,
      zh: `${TOY_WORDS.zh}，精确去噪器；从 σ = 80、ρ = 7 起，对照同一噪声的 ${REFERENCE_STEPS} 步 Heun；${points} 个点，${SEEDS.length} 组噪声。阶：单个高斯，步长减半至 1/${HALVED.at(-1)}。`,
    },
    chart: chartOf(errors),
    figures: {
      eulerOrder: orders.euler,
      heunOrder: orders.heun,
      dpmpp2mOrder: orders.dpmpp2m,
      heunPassesEuler: heun,
      dpmpp2mPassesEuler: multistep,
      ...Object.fromEntries(
        METHODS.flatMap((name) => EVALUATIONS.map((count) => [`${name}${count}`, mean(name, count)] as const)),
      ),
      points,
      seeds: SEEDS.length,
    },
  };
}
