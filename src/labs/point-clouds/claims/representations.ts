import type { Claim } from '../../../train/claim';
import { exceptions, wholeVerdict, within, type Part } from '../../../train/claimParts';
import { figure, Found, Parts } from '../../../train/claimProgress';
import type { Config, Text } from '../../../train/control';
import type { ClaimResult } from '../../../train/protocol';
import { average, ratioVerdict, spreadOf, type Spread } from '../../../train/verdict';
import type { Chart } from '../../../ui/chart';
import { loadPointData } from '../data/data';
import { accuracyOf, atLeastOver, BASE, BASE_WORDS, percent, SEEDS, trainingOf } from './shared';
import { stepCosts, type Cost } from './stepCosts';
import { trainNetwork } from './trainedNetwork';
import { movedByViewOrder } from './viewOrder';

type Kind = 'points' | 'graph' | 'voxels' | 'views';
const NAMES: Readonly<Record<Kind, Text>> = {
  points: { en: 'points (PointNet)', zh: '点（PointNet）' },
  graph: { en: 'graph (DGCNN)', zh: '图（DGCNN）' },
  voxels: { en: 'voxels (VoxNet)', zh: '体素（VoxNet）' },
  views: { en: 'views (MVCNN)', zh: '视图（MVCNN）' },
};
const KINDS = Object.keys(NAMES) as Kind[];

const TIMED: Config = { ...BASE, batch: 4 };
const PIXELS = 24;
const POINTS = 256;
interface Form {
  readonly kind: Kind;
  /** Points, cells along an edge, or views. */
  readonly size: number;
  /** Numbers that describe a shape to the network. */
  readonly numbers: number;
  readonly config: Config;
}
const FORMS: readonly Form[] = [
  ...[256, 512, 1024].map((size): Form => ({
    ...{ kind: 'points', size, numbers: 3 * size },
    config: { ...TIMED, method: 'pointnet', points: size },
  })),
  ...[256, 512].map((size): Form => ({
    ...{ kind: 'graph', size, numbers: 3 * size },
    config: { ...TIMED, method: 'dgcnn', k: 8, points: size },
  })),
  ...[16, 32].map((size): Form => ({
    ...{ kind: 'voxels', size, numbers: size ** 3 },
    config: { ...TIMED, method: 'voxels', side: size, points: POINTS },
  })),
  ...[3, 6].map((size): Form => ({
    ...{ kind: 'views', size, numbers: size * PIXELS ** 2 },
    config: { ...TIMED, method: 'views', views: size, points: POINTS },
  })),
];
const ROUNDS = 7;
/** Twice the cells along an edge are eight times the cells; four times as many points cost four times as much at most. */
const CELLS_MEMORY = 6;
const CELLS_TIME = 4;
const MORE_POINTS = 4;
/** Over four times, for what the clock cannot tell. */
const SLACK = 1.1;

const VIEWS = [1, 2, 6] as const;
const [ONE, ALL] = [1, 6];
const viewConfig = (views: number, seed: number): Config => ({ ...BASE, method: 'views', views, points: POINTS, seed });

interface Measured {
  readonly costs: readonly Cost[];
  /** Accuracy by number of views. */
  readonly accuracies: Found<'views'>;
  /** Largest |Δ logit| when the views come in other orders. */
  readonly moved: number[];
}

export const representations: Claim = {
  id: 'representations',
  steps: { gpu: 1000, software: 120 },
  configs: [...FORMS.map(({ config }) => config), ...VIEWS.map((views) => viewConfig(views, SEEDS[0]))],
  async run({ runtime, source, steps }, onProgress, signal) {
    const data = await loadPointData({ ...TIMED, points: 1024 }, source);
    let found: Measured = { costs: [], accuracies: new Found(), moved: [] };
    const parts = new Parts(1 + SEEDS.length * VIEWS.length, () => chartOf(found), onProgress);
    const timing = { en: 'Timing steps of the four', zh: '四种表示的计时' };
    const configs = FORMS.map(({ config }) => config);
    const costs = await parts.run(timing, (tell) =>
      stepCosts({ runtime, data, configs, rounds: ROUNDS, signal }, (done) => tell(done)),
    );
    found = { ...found, costs };
    for (const seed of SEEDS) {
      for (const views of VIEWS) {
        const config = viewConfig(views, seed);
        const name = { en: `${views} ${views === 1 ? 'view' : 'views'}`, zh: `${views} 视图` };
        const network = await parts.run(trainingOf(name, seed), (tell) =>
          trainNetwork({ runtime, config, data, steps, tell, signal }),
        );
        try {
          signal.throwIfAborted();
          found.accuracies.add('views', views, await accuracyOf(network, data));
          if (views === ALL) found.moved.push(await movedByViewOrder(runtime, network, data, seed));
        } finally {
          network.dispose();
        }
      }
    }
    return resultOf(found, data.set.test.count, steps);
  },
};

function chartOf({ costs }: Measured): Chart {
  return {
    kind: 'lines',
    log: { x: true, y: true },
    x: { en: 'numbers that describe a shape', zh: '描述一个形状的数值个数' },
    y: { en: 'ms of a step, by shape', zh: '每步每形状毫秒' },
    series: KINDS.map((kind) => ({
      name: NAMES[kind],
      points: FORMS.flatMap((form, i) => {
        const cost = costs[i];
        return form.kind === kind && cost
          ? [[form.numbers, spreadOf(cost.milliseconds).median / Number(TIMED['batch'])] as const]
          : [];
      }),
    })),
  };
}

/** How many times the larger form costs what the smaller does. */
interface Growth {
  readonly time: Spread;
  readonly memory: number;
}

export interface CostNumbers {
  /** From 16³ to 32³ cells, and from 256 to 1,024 points. */
  readonly voxels: Growth;
  readonly points: Growth;
  /** Accuracies with one view and with all, seed by seed. */
  readonly one: readonly number[];
  readonly all: readonly number[];
  readonly moved: number;
}

export function costParts(of: CostNumbers): Part[] {
  const { low, median, high } = of.points.time;
  return [
    {
      name: {
        en: `32³ voxels take ${CELLS_MEMORY} times the memory of 16³`,
        zh: `32³ 体素的内存为 16³ 的 ${CELLS_MEMORY} 倍`,
      },
      verdict: within(of.voxels.memory, CELLS_MEMORY, Infinity),
    },
    {
      name: {
        en: `32³ voxels take ${CELLS_TIME} times the time of 16³`,
        zh: `32³ 体素的时间为 16³ 的 ${CELLS_TIME} 倍`,
      },
      verdict: ratioVerdict(of.voxels.time, CELLS_TIME),
    },
    {
      name: { en: 'PointNet’s memory grows no faster than its points', zh: 'PointNet 的内存增长不快于点数' },
      verdict: within(of.points.memory, 0, MORE_POINTS * SLACK),
    },
    {
      name: { en: 'PointNet’s time grows no faster than its points', zh: 'PointNet 的时间增长不快于点数' },
      verdict: ratioVerdict({ low: 1 / high, median: 1 / median, high: 1 / low }, 1 / (MORE_POINTS * SLACK)),
    },
    {
      name: { en: 'more views help', zh: '更多视图有益' },
      verdict: atLeastOver(of.all, of.one),
    },
    {
      name: { en: 'the order of the views changes nothing', zh: '视图顺序不影响结果' },
      verdict: within(of.moved, 0, 0),
    },
  ];
}

function growth(costs: readonly Cost[], kind: Kind, from: number, to: number): Growth {
  const of = (size: number) => costs[FORMS.findIndex((form) => form.kind === kind && form.size === size)];
  const [small, large] = [of(from), of(to)];
  const times = large?.milliseconds.map((ms, i) => ms / (small?.milliseconds[i] ?? NaN)) ?? [];
  return { time: spreadOf(times), memory: (large?.bytes ?? NaN) / (small?.bytes ?? NaN) };
}

function resultOf(found: Measured, shapes: number, steps: number): ClaimResult {
  const { costs, accuracies, moved } = found;
  const numbers: CostNumbers = {
    voxels: growth(costs, 'voxels', 16, 32),
    points: growth(costs, 'points', 256, 1024),
    one: accuracies.of('views', ONE),
    all: accuracies.of('views', ALL),
    moved: Math.max(...moved),
  };
  const parts = costParts(numbers);
  const not = exceptions(parts);
  const graph = growth(costs, 'graph', 256, 512);
  const views = VIEWS.map((v) => percent(accuracies.of('views', v))).join(', ');
  const times = ({ time, memory }: Growth) => [figure(time.median), figure(memory)] as const;
  const [vt, vm] = times(numbers.voxels);
  const [pt, pm] = times(numbers.points);
  const [gt, gm] = times(graph);
  return {
    id: 'representations',
    verdict: wholeVerdict(parts),
    summary: {
      en: `From 16³ to 32³ voxels time × ${vt}, memory × ${vm}; from 256 to 1,024 points PointNet’s × ${pt}, × ${pm}; from 256 to 512 the graph’s × ${gt}, × ${gm}; accuracy with ${VIEWS.join(', ')} views ${views}; another order of the views moves the logits by ${figure(numbers.moved)}.${not.en}`,
      zh: `16³ 到 32³ 体素：时间 × ${vt}，内存 × ${vm}；256 到 1024 点：PointNet × ${pt}、× ${pm}；256 到 512 点：图 × ${gt}、× ${gm}；${VIEWS.join('、')} 视图的准确率 ${views}；换视图顺序 logits 变动 ${figure(numbers.moved)}。${not.zh}`,
    },
    setup: {
      en: `${BASE_WORDS.en}; whole training steps of ${String(TIMED['batch'])} shapes, medians of ${ROUNDS} in turns; views of ${POINTS} points at ${PIXELS} pixels, ${steps} steps, ${SEEDS.length} seeds; ${shapes} held-out shapes.`,
      zh: `${BASE_WORDS.zh}；完整训练步，每步 ${String(TIMED['batch'])} 个形状，轮流计时 ${ROUNDS} 次取中位数；视图用 ${POINTS} 点、${PIXELS} 像素，${steps} 步，${SEEDS.length} 个种子；${shapes} 个留出形状。`,
    },
    chart: chartOf(found),
    figures: {
      ...Object.fromEntries(
        FORMS.flatMap(({ kind, size }, i) => [
          [`${kind}${size}Milliseconds`, spreadOf(costs[i]?.milliseconds ?? []).median] as const,
          [`${kind}${size}Bytes`, costs[i]?.bytes ?? NaN] as const,
        ]),
      ),
      ...Object.fromEntries(VIEWS.map((v) => [`views${v}Accuracy`, average(accuracies.of('views', v))] as const)),
      viewOrderChange: numbers.moved,
      shapes,
      steps,
      seeds: SEEDS.length,
    },
  };
}
