import { UNDISTORTED } from '../../../engine/ops/augmentPoints';
import { Draws, shuffledIndices } from '../../../data/draws';
import type { Claim } from '../../../train/claim';
import { exceptions, wholeVerdict, within, type Part } from '../../../train/claimParts';
import { figure, Found, Parts } from '../../../train/claimProgress';
import type { Config, Text } from '../../../train/control';
import type { ClaimResult } from '../../../train/protocol';
import { average } from '../../../train/verdict';
import type { Chart } from '../../../ui/chart';
import { loadPointData, type PointData } from '../data/data';
import { best } from '../metrics';
import { batches, chosenPoints, cutClouds } from './chosenPoints';
import { atLeastOver, BASE, BASE_WORDS, percent, SEEDS, trainingOf } from './shared';
import { trainNetwork, type TrainedNetwork } from './trainedNetwork';

const CLOUDS = ['whole', 'critical', 'others', 'random'] as const;
type Kept = (typeof CLOUDS)[number];
const NAMES: Readonly<Record<Kept, Text>> = {
  whole: { en: 'all points', zh: '全部点' },
  critical: { en: 'critical points alone', zh: '仅关键点' },
  others: { en: 'without the critical points', zh: '去掉关键点' },
  random: { en: 'without as many at random', zh: '随机去掉同样多' },
};
const POINTS = 256;
const BATCH = 16;
/** f32 rounding, as a share of the largest logit. */
const ROUNDING = 1e-5;

/** The T-Nets have critical points of their own; without them those of the pooling are all. */
const configOf = (seed: number): Config => ({ ...BASE, points: POINTS, tnetin: false, tnetfeat: false, seed });

interface Measured {
  /** Shares of shapes named rightly, by what was kept; x is 0. */
  readonly accuracies: Found<Kept>;
  /** Critical points of each shape. */
  readonly counts: number[];
  /** Largest |Δ logit| between the whole and the critical cloud, and the largest |logit|. */
  readonly moved: number[];
  readonly largest: number[];
}

/** The claim over some seeds of training: fewer for trying, where it stays undecided. */
export const criticalPointsOver = (seeds: readonly number[]): Claim => ({
  id: 'critical-points',
  steps: { gpu: 2000, software: 250 },
  configs: [configOf(SEEDS[0])],
  async run({ runtime, source, steps }, onProgress, signal) {
    const data = await loadPointData(configOf(SEEDS[0]), source);
    const found: Measured = { accuracies: new Found(), counts: [], moved: [], largest: [] };
    const parts = new Parts(seeds.length, () => chartOf(found), onProgress);
    let bottleneck = 0;
    for (const seed of seeds) {
      const config = configOf(seed);
      const network = await parts.run(trainingOf({ en: 'PointNet', zh: 'PointNet' }, seed), (tell) =>
        trainNetwork({ runtime, config, data, steps, tell, signal }),
      );
      try {
        await measure(network, data, found, seed, signal);
        bottleneck = network.settings.network.method === 'pointnet' ? network.settings.network.bottleneck : 0;
      } finally {
        network.dispose();
      }
    }
    return resultOf(found, bottleneck, steps);
  },
});

export const criticalPoints = criticalPointsOver(SEEDS);

async function measure(
  { reader, settings }: TrainedNetwork,
  { set }: PointData,
  found: Measured,
  seed: number,
  signal: AbortSignal,
): Promise<void> {
  const { outputs } = settings.network;
  const draws = new Draws(seed, 'random points');
  const form = reader.form(BATCH, POINTS, ['critical']);
  const right: Record<Kept, number> = { whole: 0, critical: 0, others: 0, random: 0 };
  for (const seen of batches(cutClouds(set.test, POINTS), BATCH)) {
    signal.throwIfAborted();
    const look = async (keep: (b: number) => readonly number[]) =>
      form.see(
        seen.map(({ cloud, category }, b) => ({ cloud: chosenPoints(cloud, keep(b)), category })),
        UNDISTORTED,
      );
    const all = Array.from({ length: POINTS }, (_, i) => i);
    const whole = await look(() => all);
    const tapped = whole.taps['critical'];
    const K = tapped?.shape[1] ?? 0;
    const critical = seen.map((_, b) => [...new Set(tapped?.data.subarray(b * K, (b + 1) * K))]);
    const others = critical.map((points) => all.filter((i) => !points.includes(i)));
    const logits: Record<Kept, Float32Array> = {
      whole: whole.logits,
      critical: (await look((b) => critical[b] ?? [])).logits,
      others: (await look((b) => others[b] ?? [])).logits,
      random: (await look((b) => shuffledIndices(POINTS, draws).slice(0, others[b]?.length))).logits,
    };
    found.counts.push(...critical.map((points) => points.length));
    found.moved.push(farthest(logits.whole, logits.critical, seen.length * outputs));
    found.largest.push(logits.whole.reduce((most, z) => Math.max(most, Math.abs(z)), 0));
    for (const kept of CLOUDS)
      seen.forEach(({ category }, b) => (right[kept] += best(logits[kept], b, outputs) === category ? 1 : 0));
  }
  for (const kept of CLOUDS) found.accuracies.add(kept, 0, right[kept] / set.test.count);
}

/** max |aᵢ − bᵢ| of the first `count` numbers. */
export function farthest(a: Float32Array, b: Float32Array, count = a.length): number {
  let most = 0;
  for (let i = 0; i < count; i++) most = Math.max(most, Math.abs((a[i] ?? NaN) - (b[i] ?? NaN)));
  return most;
}

function chartOf({ accuracies }: Measured): Chart {
  return {
    kind: 'bars',
    x: { en: 'seed', zh: '种子' },
    y: { en: 'accuracy, %', zh: '准确率 %' },
    series: CLOUDS.map((kept) => ({
      name: NAMES[kept],
      points: accuracies.of(kept, 0).map((value, i) => [SEEDS[i] ?? i, 100 * value] as const),
    })),
  };
}

export interface CriticalNumbers {
  readonly most: number;
  readonly bottleneck: number;
  readonly moved: number;
  readonly largest: number;
  readonly withoutThem: readonly number[];
  readonly withoutRandom: readonly number[];
}

export function criticalParts(of: CriticalNumbers): Part[] {
  return [
    {
      name: { en: 'no more critical points than the global feature is wide', zh: '关键点不多于全局特征的维数' },
      verdict: within(of.most, 1, of.bottleneck),
    },
    {
      name: { en: 'the same logits from the critical points alone', zh: '仅用关键点时 logits 相同' },
      verdict: within(of.moved / of.largest, 0, ROUNDING),
    },
    {
      name: { en: 'removing them hurts more than removing as many at random', zh: '去掉关键点比随机去掉同样多更伤' },
      verdict: atLeastOver(of.withoutRandom, of.withoutThem),
    },
  ];
}

function resultOf({ accuracies, counts, moved, largest }: Measured, bottleneck: number, steps: number): ClaimResult {
  const numbers: CriticalNumbers = {
    most: Math.max(...counts),
    bottleneck,
    moved: Math.max(...moved),
    largest: Math.max(...largest),
    withoutThem: accuracies.of('others', 0),
    withoutRandom: accuracies.of('random', 0),
  };
  const parts = criticalParts(numbers);
  const not = exceptions(parts);
  const of = (kept: Kept) => percent(accuracies.of(kept, 0));
  const seeds = numbers.withoutThem.length;
  const exact = numbers.moved === 0;
  const mean = average(counts).toFixed(1);
  return {
    id: 'critical-points',
    verdict: wholeVerdict(parts),
    summary: {
      en: `${mean} of ${POINTS} points are critical (at most ${numbers.most}; the feature has ${bottleneck} numbers); they alone give ${exact ? 'exactly the same logits, bit by bit' : `logits within ${figure(numbers.moved)}`}; accuracy ${of('whole')}, without them ${of('others')}, without as many at random ${of('random')}.${not.en}`,
      zh: `${POINTS} 点中平均 ${mean} 个为关键点（最多 ${numbers.most}；特征 ${bottleneck} 维）；仅用它们得到的 logits ${exact ? '逐位相同' : `相差 ${figure(numbers.moved)} 以内`}；准确率 ${of('whole')}，去掉它们 ${of('others')}，随机去掉同样多 ${of('random')}。${not.zh}`,
    },
    setup: {
      en: `${BASE_WORDS.en}, but ${POINTS} points; PointNet without T-Nets, ${steps} steps, ${seeds} seeds; clouds with fewer points repeat theirs.`,
      zh: `${BASE_WORDS.zh}，但 ${POINTS} 点；无 T-Net 的 PointNet，${steps} 步，${seeds} 个种子；点较少的点云重复其点。`,
    },
    chart: chartOf({ accuracies, counts, moved, largest }),
    figures: {
      meanCritical: average(counts),
      mostCritical: numbers.most,
      bottleneck,
      largestChange: numbers.moved,
      largestLogit: numbers.largest,
      ...Object.fromEntries(CLOUDS.map((kept) => [`${kept}Accuracy`, average(accuracies.of(kept, 0))])),
      points: POINTS,
      steps,
      seeds,
    },
  };
}
