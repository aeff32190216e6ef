import { reshape } from '../../../engine/ops/reshape';
import type { Runtime } from '../../../engine/runtime';
import type { Tensor } from '../../../engine/tensor';
import { Draws, shuffledIndices } from '../../../data/draws';
import { linear } from '../../../nn/layers';
import type { Claim } from '../../../train/claim';
import { exceptions, wholeVerdict, within, type Part } from '../../../train/claimParts';
import { figure, Found, Parts } from '../../../train/claimProgress';
import type { Config, Text } from '../../../train/control';
import type { ClaimResult } from '../../../train/protocol';
import { average } from '../../../train/verdict';
import type { Chart } from '../../../ui/chart';
import { loadPointData, type PointData } from '../data/data';
import { dense, type Layers } from '../layers';
import { best } from '../metrics';
import { network as labNetwork } from '../network';
import { batches, chosenPoints, cutClouds } from './chosenPoints';
import { farthest } from './criticalPoints';
import { LogitsForm } from './logitsForm';
import { atLeastOver, BASE, BASE_WORDS, percent, SEEDS, trainingOf } from './shared';
import { trainNetwork, type TrainedNetwork } from './trainedNetwork';

const SIDES = ['pointnet', 'perceptron'] as const;
type Side = (typeof SIDES)[number];
const NAMES: Readonly<Record<Side, Text>> = {
  pointnet: { en: 'PointNet', zh: 'PointNet' },
  perceptron: { en: 'perceptron on the list of coordinates', zh: '坐标列表上的感知机' },
};
const HIDDEN = [128, 64] as const;
const ORDERS = 4;
const BATCH = 16;
/** f32 rounding, as a share of the largest logit. */
const ROUNDING = 1e-5;
/** Share of predictions that another order must turn over where a network depends on it. */
const TURNED = 0.05;

/** With both T-Nets: whatever PointNet has must not know the order. */
const configOf = (seed: number): Config => ({ ...BASE, tnetin: true, tnetfeat: true, seed });

/** The order-dependent network of PointNet's figure 5: all coordinates in a row, [B, 3N], through full layers. */
function perceptron(l: Layers, points: Tensor, outputs: number): Tensor {
  const [B = 1, N = 1] = points.shape;
  const hidden = HIDDEN.reduce((x, width, i) => dense(l, `list.${i}`, x, width), reshape(points, [B, 3 * N]));
  return linear(l.p, 'list.out', hidden, outputs);
}

type Measured = Found<`${Side} ${'accuracy' | 'turned' | 'moved' | 'largest'}`>;

/** The claim over some seeds of training: fewer for trying, where it stays undecided. */
export const orderOver = (seeds: readonly number[]): Claim => ({
  id: 'order',
  steps: { gpu: 2000, software: 250 },
  configs: [configOf(SEEDS[0])],
  async run({ runtime, source, steps }, onProgress, signal) {
    const data = await loadPointData(configOf(SEEDS[0]), source);
    const found: Measured = new Found();
    const parts = new Parts(seeds.length * SIDES.length, () => chartOf(found), onProgress);
    for (const seed of seeds) {
      for (const side of SIDES) {
        const config = configOf(seed);
        const own = side === 'perceptron' && {
          logits: (l: Layers, { points }: { points: Tensor }, outputs: number) => perceptron(l, points, outputs),
        };
        const network = await parts.run(trainingOf(NAMES[side], seed), (tell) =>
          trainNetwork({ runtime, config, data, steps, tell, signal, ...own }),
        );
        try {
          await measure(runtime, network, side, { data, found, seed, signal });
        } finally {
          network.dispose();
        }
      }
    }
    return resultOf(found, data.set.test.count, steps);
  },
});

export const order = orderOver(SEEDS);

interface Measuring {
  readonly data: PointData;
  readonly found: Measured;
  readonly seed: number;
  readonly signal: AbortSignal;
}

async function measure(
  runtime: Runtime,
  { settings, source }: TrainedNetwork,
  side: Side,
  { data, found, seed, signal }: Measuring,
): Promise<void> {
  const { network, points } = settings;
  const { outputs } = network;
  const form = await LogitsForm.open(runtime, source, { batch: BATCH, points }, (l, x) =>
    side === 'perceptron' ? perceptron(l, x, outputs) : labNetwork(l, network, { points: x }).logits,
  );
  const draws = new Draws(seed, 'orders');
  let [right, turned, moved, largest] = [0, 0, 0, 0];
  try {
    for (const seen of batches(cutClouds(data.set.test, points), BATCH)) {
      signal.throwIfAborted();
      const before = await form.of(seen.map(({ cloud }) => cloud));
      seen.forEach(({ category }, b) => (right += best(before, b, outputs) === category ? 1 : 0));
      largest = before.reduce((most, z) => Math.max(most, Math.abs(z)), largest);
      for (let i = 0; i < ORDERS; i++) {
        const after = await form.of(seen.map(({ cloud }) => chosenPoints(cloud, shuffledIndices(points, draws))));
        seen.forEach((_, b) => (turned += best(before, b, outputs) === best(after, b, outputs) ? 0 : 1));
        moved = Math.max(moved, farthest(before, after, seen.length * outputs));
      }
    }
  } finally {
    form.dispose();
  }
  const shapes = data.set.test.count;
  found.add(`${side} accuracy`, 0, right / shapes);
  found.add(`${side} turned`, 0, turned / (ORDERS * shapes));
  found.add(`${side} moved`, 0, moved);
  found.add(`${side} largest`, 0, largest);
}

function chartOf(found: Measured): Chart {
  const shares = (side: Side, what: 'accuracy' | 'turned') =>
    found.of(`${side} ${what}`, 0).map((value, i) => [SEEDS[i] ?? i, 100 * value] as const);
  return {
    kind: 'bars',
    x: { en: 'seed', zh: '种子' },
    y: { en: '% of held-out shapes', zh: '留出形状的 %' },
    series: SIDES.flatMap((side) => [
      {
        name: { en: `${NAMES[side].en}: right`, zh: `${NAMES[side].zh}：正确` },
        points: shares(side, 'accuracy'),
      },
      {
        name: { en: `${NAMES[side].en}: turned by another order`, zh: `${NAMES[side].zh}：换序后改变` },
        points: shares(side, 'turned'),
      },
    ]),
  };
}

export interface OrderNumbers {
  /** Largest |Δ logit| of PointNet, as a share of its largest logit. */
  readonly moved: number;
  /** Shares of the perceptron's predictions that another order turns over, and accuracies, seed by seed. */
  readonly turned: readonly number[];
  readonly pointnet: readonly number[];
  readonly perceptron: readonly number[];
}

export function orderParts(of: OrderNumbers): Part[] {
  return [
    {
      name: { en: 'PointNet gives the same logits in any order', zh: 'PointNet 在任何顺序下 logits 相同' },
      verdict: within(of.moved, 0, ROUNDING),
    },
    {
      name: { en: 'another order turns over 5% of the perceptron’s answers', zh: '换序改变感知机 5% 以上的回答' },
      verdict: atLeastOver(
        of.turned,
        of.turned.map(() => TURNED),
      ),
    },
    {
      name: { en: 'PointNet is more accurate', zh: 'PointNet 更准确' },
      verdict: atLeastOver(of.pointnet, of.perceptron),
    },
  ];
}

function resultOf(found: Measured, shapes: number, steps: number): ClaimResult {
  const most = (side: Side, what: 'moved' | 'largest') => Math.max(...found.of(`${side} ${what}`, 0));
  const [moved, largest] = [most('pointnet', 'moved'), most('pointnet', 'largest')];
  const [turned, right, listed] = [
    found.of('perceptron turned', 0),
    found.of('pointnet accuracy', 0),
    found.of('perceptron accuracy', 0),
  ];
  const parts = orderParts({ moved: moved / largest, turned, pointnet: right, perceptron: listed });
  const not = exceptions(parts);
  const seeds = right.length;
  const exact = moved === 0;
  return {
    id: 'order',
    verdict: wholeVerdict(parts),
    summary: {
      en: `In ${ORDERS} other orders PointNet’s logits are ${exact ? 'exactly the same, bit by bit' : `within ${figure(moved)} (rounding)`}; the perceptron answers otherwise for ${percent(turned)} of the shapes; accuracy ${percent(right)} against ${percent(listed)}.${not.en}`,
      zh: `在 ${ORDERS} 种其他顺序下，PointNet 的 logits ${exact ? '逐位相同' : `相差 ${figure(moved)} 以内（舍入）`}；感知机对 ${percent(turned)} 的形状改变回答；准确率 ${percent(right)} 对 ${percent(listed)}。${not.zh}`,
    },
    setup: {
      en: `${BASE_WORDS.en}; PointNet with both T-Nets against a perceptron ${HIDDEN.join('-')} on all coordinates in a row, each trained on clouds in a new order at every step; ${steps} steps, ${seeds} seeds; ${shapes} held-out shapes.`,
      zh: `${BASE_WORDS.zh}；含两个 T-Net 的 PointNet 对比坐标排成一行的 ${HIDDEN.join('-')} 感知机，训练中每步点序随机；${steps} 步，${seeds} 个种子；${shapes} 个留出形状。`,
    },
    chart: chartOf(found),
    figures: {
      pointnetChange: moved,
      perceptronChange: most('perceptron', 'moved'),
      largestLogit: largest,
      pointnetTurned: average(found.of('pointnet turned', 0)),
      perceptronTurned: average(turned),
      pointnetAccuracy: average(right),
      perceptronAccuracy: average(listed),
      shapes,
      steps,
      seeds,
    },
  };
}
