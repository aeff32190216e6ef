import type { Claim } from '../../../train/claim';
import { atLeastTimes, exceptions, geometricMean, wholeVerdict, type Part } from '../../../train/claimParts';
import { figure, Found, Parts } from '../../../train/claimProgress';
import type { Text } from '../../../train/control';
import { slicedWasserstein } from '../../../train/evaluation/slicedWasserstein';
import type { ClaimResult } from '../../../train/protocol';
import type { Chart } from '../../../ui/chart';
import type { PlaneData } from '../data/data';
import { sampleMixture } from '../data/mixture';
import { exactModel, type SampledModel } from '../model';
import type { Process } from '../process/framework';
import { distanceOf, PointSampler, processWith, REFERENCE_STEPS, referenceEnds } from './pointSampler';
import { flowConfig, trainReflow, type Pairs } from './reflow';
import { REFERENCE_LENGTH, SEEDS, TOY_WORDS, toyData } from './shared';
import { trainNetwork } from './trainedNetwork';

/** Euler with the exact denoiser on even flow times and on EDM's grid; Euler on even flow times with networks. */
type Line = 'uniform' | 'edmGrid' | 'plain' | 'reflow';
const NAMES: Readonly<Record<Line, Text>> = {
  uniform: { en: 'exact, even flow times', zh: '精确，均匀流时间' },
  edmGrid: { en: 'exact, EDM’s grid', zh: '精确，EDM 网格' },
  plain: { en: 'network', zh: '网络' },
  reflow: { en: 'network after a reflow', zh: 'reflow 后的网络' },
};
const LINES = Object.keys(NAMES) as Line[];

const COUNTS = [1, 2, 4, 8, 16, 32] as const;
const FEW = [2, 4, 8, 16] as const;
/** Euler steps in which paths are measured, and to the end that networks are compared with. */
const FINE = 128;
/** Length over chord from which a flow's paths are not straight. */
const BENT = 1.1;
/** A reflow straightens when the length beyond the chord falls so many times, and cuts steps so many times. */
const STRAIGHTENS = 2;
/** An end point counts as reached within so much, a fifth of the data's deviation. */
const REACHED = 0.1;
const POINTS = 4096;
const FEW_STEPS = 2;

interface Measured {
  /** End-point errors; the networks' against their own fine paths. */
  readonly errors: Found<Line>;
  /** Length over chord, by `FINE`. */
  readonly bends: Found<Line>;
  /** Sliced Wasserstein distance to the data in few steps, by `FEW_STEPS`. */
  readonly distances: Found<Line>;
}

export const straightPaths: Claim = {
  id: 'straight-paths',
  steps: { gpu: 5000, software: 600 },
  configs: [
    { ...flowConfig(SEEDS[0]), nsteps: 8 },
    { ...flowConfig(SEEDS[0]), grid: 'edm', nsteps: 8 },
  ],
  async run(context, onProgress, signal) {
    const { runtime, steps } = context;
    const data = await toyData(context);
    const found: Measured = { errors: new Found(), bends: new Found(), distances: new Found() };
    // A reference lasts about as long as three hundred updates, a training as many parts as it has hundreds.
    const training = Math.max(1, (steps * REFERENCE_LENGTH) / 300);
    const total = SEEDS.length * (REFERENCE_LENGTH + 2 * training);
    const parts = new Parts(total, () => chartOf(found), onProgress);
    const pairs = await exactFlow({ ...context, data, found, parts, signal });
    for (const seed of SEEDS) {
      const config = flowConfig(seed);
      for (const line of ['plain', 'reflow'] as const) {
        const what = { en: `Training: ${NAMES[line].en}, seed ${seed}`, zh: `训练：${NAMES[line].zh}，种子 ${seed}` };
        const network = await parts.run(
          what,
          (tell) => {
            const request = { runtime, config, data, steps, tell, signal };
            return line === 'plain' ? trainNetwork(request) : trainReflow(request, pairs);
          },
          training,
        );
        try {
          await measureNetwork({ ...context, data, found, signal }, line, network.model, seed);
        } finally {
          network.dispose();
        }
      }
    }
    return resultOf(found, steps);
  },
};

interface Measuring {
  readonly runtime: Parameters<typeof PointSampler.open>[0];
  readonly data: PlaneData;
  readonly found: Measured;
  readonly signal: AbortSignal;
}

function flow(steps: number): Process {
  return processWith('flow', { name: 'euler', variable: 'time', steps });
}

/** Measures the exact flow; gives its noise and ends of all seeds, to reflow on. */
async function exactFlow({
  runtime,
  data,
  found,
  parts,
  signal,
}: Measuring & { readonly parts: Parts }): Promise<Pairs> {
  const sampler = await PointSampler.open(runtime, exactModel(data), { points: POINTS, history: FINE }, signal);
  const pairs = {
    noise: new Float32Array(2 * POINTS * SEEDS.length),
    ends: new Float32Array(2 * POINTS * SEEDS.length),
  };
  try {
    for (const [i, seed] of SEEDS.entries()) {
      const what = { en: `Reference, noise ${seed}`, zh: `参考解，噪声 ${seed}` };
      // From σ = 80 rather than t = 1: there the flow has done 1/80 of its way, straight to the mean, which is 0.
      const reference = await parts.run(what, (tell) => referenceEnds(sampler, seed, tell), REFERENCE_LENGTH);
      for (const count of COUNTS) {
        const even = await sampler.ends({ process: flow(count), seed });
        found.errors.add('uniform', count, distanceOf(even, reference));
        const crowded = await sampler.ends({ process: processWith('edm', { name: 'euler', steps: count }), seed });
        found.errors.add('edmGrid', count, distanceOf(crowded, reference));
      }
      const { states } = await sampler.path({ process: flow(FINE), seed });
      found.bends.add('uniform', FINE, lengthOverChord(states));
      pairs.noise.set(states[0] ?? [], 2 * POINTS * i);
      pairs.ends.set(reference, 2 * POINTS * i);
    }
  } finally {
    sampler.dispose();
  }
  return pairs;
}

async function measureNetwork(
  { runtime, data, found, signal }: Measuring,
  line: 'plain' | 'reflow',
  model: SampledModel,
  seed: number,
): Promise<void> {
  const form = { points: POINTS, evaluations: FINE, history: FINE };
  const sampler = await PointSampler.open(runtime, model, form, signal);
  // Noise that the reflow was not trained on.
  const noise = seed + 1000;
  try {
    const { states } = await sampler.path({ process: flow(FINE), seed: noise });
    const fine = states.at(-1) ?? new Float32Array(0);
    found.bends.add(line, FINE, lengthOverChord(states));
    for (const count of COUNTS) {
      const ends = await sampler.ends({ process: flow(count), seed: noise });
      found.errors.add(line, count, distanceOf(ends, fine));
      if (count === FEW_STEPS) {
        const real = sampleMixture(data.mixture, POINTS, seed, 'claim data');
        const cloud = (points: Float32Array) => ({ points, count: POINTS, width: 2 });
        found.distances.add(line, count, slicedWasserstein(cloud(ends), cloud(real)));
      }
    }
  } finally {
    sampler.dispose();
  }
}

/** Length of all paths over the length of all straight lines from start to end; states [n, 2] in order. */
export function lengthOverChord(states: readonly Float32Array[]): number {
  const way = (a: Float32Array, b: Float32Array) => {
    let sum = 0;
    for (let i = 0; i + 1 < a.length; i += 2)
      sum += Math.hypot((b[i] ?? 0) - (a[i] ?? 0), (b[i + 1] ?? 0) - (a[i + 1] ?? 0));
    return sum;
  };
  const [first, last] = [states[0], states.at(-1)];
  if (!first || !last) return NaN;
  const length = states.slice(1).reduce((sum, state, i) => sum + way(states[i] ?? state, state), 0);
  return length / way(first, last);
}

/** Steps in which the error falls to `reached`, straight between neighbours on both logarithmic axes; at least the first count. */
export function stepsTo(counts: readonly number[], errors: readonly number[], reached: number): number {
  const after = errors.findIndex((error) => error <= reached);
  if (after === 0) return counts[0] ?? NaN;
  const [a, b] = [counts[after - 1] ?? NaN, counts[after] ?? NaN];
  const [high, low] = [errors[after - 1] ?? NaN, errors[after] ?? NaN];
  return a * (b / a) ** (Math.log(high / reached) / Math.log(high / low));
}

function chartOf({ errors }: Measured): Chart {
  return {
    kind: 'lines',
    log: { x: true, y: true },
    x: { en: 'Euler steps', zh: 'Euler 步数' },
    y: { en: 'end-point RMSE', zh: '终点均方根误差' },
    series: LINES.map((line) => ({ name: NAMES[line], points: errors.line(line, COUNTS, geometricMean) })),
  };
}

/** What the verdict is computed from, seed by seed. */
export interface FlowNumbers {
  error(line: Line, steps: number): readonly number[];
  bend(line: Line): readonly number[];
  steps(line: 'plain' | 'reflow'): readonly number[];
  distance(line: 'plain' | 'reflow'): readonly number[];
}

export function flowParts(of: FlowNumbers): Part[] {
  const excess = (line: Line) => of.bend(line).map((bend) => bend - 1);
  return [
    ...FEW.map((count): Part => ({
      name: { en: `even flow times before EDM’s grid at ${count} steps`, zh: `${count} 步时均匀流时间优于 EDM 网格` },
      verdict: atLeastTimes(of.error('edmGrid', count), of.error('uniform', count)),
    })),
    {
      name: { en: 'the paths are bent', zh: '路径弯曲' },
      verdict: atLeastTimes(
        of.bend('uniform'),
        of.bend('uniform').map(() => BENT),
      ),
    },
    {
      name: { en: 'a reflow straightens them', zh: 'reflow 将其拉直' },
      verdict: atLeastTimes(excess('plain'), excess('reflow'), STRAIGHTENS),
    },
    {
      name: { en: 'a reflow halves the steps needed', zh: 'reflow 使所需步数减半' },
      verdict: atLeastTimes(of.steps('plain'), of.steps('reflow'), STRAIGHTENS),
    },
    {
      name: { en: `in ${FEW_STEPS} steps a reflow is nearer to the data`, zh: `${FEW_STEPS} 步时 reflow 更接近数据` },
      verdict: atLeastTimes(of.distance('plain'), of.distance('reflow')),
    },
  ];
}

function resultOf({ errors, bends, distances }: Measured, steps: number): ClaimResult {
  const needed = (line: Line) =>
    SEEDS.map((_, i) =>
      stepsTo(
        COUNTS,
        COUNTS.map((count) => errors.of(line, count)[i] ?? NaN),
        REACHED,
      ),
    );
  const parts = flowParts({
    error: (line, count) => errors.of(line, count),
    bend: (line) => bends.of(line, FINE),
    steps: needed,
    distance: (line) => distances.of(line, FEW_STEPS),
  });
  const not = exceptions(parts);
  const bend = (line: Line) => geometricMean(bends.of(line, FINE));
  const error = (line: Line, count: number) => geometricMean(errors.of(line, count));
  const [even, crowded] = [figure(error('uniform', 8)), figure(error('edmGrid', 8))];
  const [exact, plain, reflow] = [bend('uniform'), bend('plain'), bend('reflow')].map((b) => b.toFixed(3));
  const [before, after] = [geometricMean(needed('plain')), geometricMean(needed('reflow'))];
  return {
    id: 'straight-paths',
    verdict: wholeVerdict(parts),
    summary: {
      en: `In 8 Euler steps even flow times end ${even} from the truth, EDM’s grid ${crowded}; the exact paths are ${exact} times their chords; a reflow takes a network’s from ${plain} to ${reflow} and the steps to within ${REACHED} of the end from ${figure(before)} to ${figure(after)}.${not.en}`,
      zh: `8 步 Euler：均匀流时间离真值 ${even}，EDM 网格 ${crowded}；精确路径长为弦长的 ${exact} 倍；reflow 使网络的比值由 ${plain} 降到 ${reflow}，到终点 ${REACHED} 以内所需步数由 ${figure(before)} 降到 ${figure(after)}。${not.zh}`,
    },
    setup: {
      en: `${TOY_WORDS.en}; exact denoiser against ${REFERENCE_STEPS} Heun steps, ${POINTS} points, ${SEEDS.length} draws; perceptrons of 3 × 128, uniform t, batch 256, ${steps} steps, ${SEEDS.length} seeds, the reflow on ${POINTS * SEEDS.length} pairs of the exact flow, each against ${FINE} Euler steps of its own.`,
      zh: `${TOY_WORDS.zh}；精确去噪器对照 ${REFERENCE_STEPS} 步 Heun，${POINTS} 个点，${SEEDS.length} 组；3 × 128 感知机，t 均匀，批量 256，${steps} 步，${SEEDS.length} 个种子，reflow 用精确流的 ${POINTS * SEEDS.length} 对，各对照自身的 ${FINE} 步 Euler。`,
    },
    chart: chartOf({ errors, bends, distances }),
    figures: {
      exactLengthOverChord: bend('uniform'),
      plainLengthOverChord: bend('plain'),
      reflowLengthOverChord: bend('reflow'),
      plainSteps: before,
      reflowSteps: after,
      plainDistance: geometricMean(distances.of('plain', FEW_STEPS)),
      reflowDistance: geometricMean(distances.of('reflow', FEW_STEPS)),
      ...Object.fromEntries(LINES.flatMap((line) => COUNTS.map((count) => [`${line}${count}`, error(line, count)]))),
      points: POINTS,
      steps,
      seeds: SEEDS.length,
    },
  };
}
