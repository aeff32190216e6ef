import type { Claim } from '../../../train/claim';
import { exceptions, wholeVerdict, type Part } from '../../../train/claimParts';
import { Found, Parts } from '../../../train/claimProgress';
import type { Config, Text } from '../../../train/control';
import type { ClaimResult } from '../../../train/protocol';
import { average } from '../../../train/verdict';
import type { Chart } from '../../../ui/chart';
import { loadPointData } from '../data/data';
import { accuracies } from '../metrics';
import { atLeastOver, BASE, percent, SEEDS, trainingOf } from './shared';
import { judged, trainNetwork } from './trainedNetwork';

const NETWORKS = ['pointnet', 'pointnet2', 'fixed', 'dynamic'] as const;
type Network = (typeof NETWORKS)[number];
const NAMES: Readonly<Record<Network, Text>> = {
  pointnet: { en: 'PointNet', zh: 'PointNet' },
  pointnet2: { en: 'PointNet++', zh: 'PointNet++' },
  fixed: { en: 'DGCNN, fixed graph', zh: 'DGCNN 固定图' },
  dynamic: { en: 'DGCNN', zh: 'DGCNN' },
};

/** Spheres by accuracy, parts of solids by mean IoU over shapes. */
const TASKS = ['spheres', 'parts'] as const;
type Task = (typeof TASKS)[number];
const TASK_NAMES: Readonly<Record<Task, Text>> = {
  spheres: { en: 'spheres', zh: '球' },
  parts: { en: 'parts', zh: '部件' },
};
/** How far the dynamic graph may stay behind the fixed one and still count as no worse. */
const NO_WORSE = 0.02;

/** PointNet is the widest, so that it is no smaller than any of the others. */
const SIZES: Readonly<Record<Network, Config>> = {
  pointnet: { method: 'pointnet', width: 16, bottleneck: 128 },
  pointnet2: { method: 'pointnet2', width: 8, bottleneck: 64, centres: 64, members: 8 },
  fixed: { method: 'dgcnn', graph: 'fixed', width: 8, bottleneck: 64, k: 8 },
  dynamic: { method: 'dgcnn', graph: 'dynamic', width: 8, bottleneck: 64, k: 8 },
};
/** Jitter and scale would drown the bumps. */
const TASK_CONFIGS: Readonly<Record<Task, Config>> = {
  spheres: { data: 'local', task: 'classification', points: 128, jitter: 0, scale: 0 },
  parts: { data: 'solids', task: 'parts', points: 128 },
};

type Scores = Found<`${Task} ${Network}`>;

const configOf = (task: Task, network: Network, seed: number): Config => ({
  ...BASE,
  ...TASK_CONFIGS[task],
  ...SIZES[network],
  batch: 8,
  seed,
});

/** The claim over some seeds of training: fewer for trying, where it stays undecided. */
export const localStructureOver = (seeds: readonly number[]): Claim => ({
  id: 'local-structure',
  steps: { gpu: 2000, software: 150 },
  configs: TASKS.flatMap((task) => NETWORKS.map((network) => configOf(task, network, SEEDS[0]))),
  async run({ runtime, source, steps }, onProgress, signal) {
    const found: Scores = new Found();
    const sizes: Record<string, number> = {};
    const total = TASKS.length * seeds.length * NETWORKS.length;
    const parts = new Parts(total, () => chartOf(found), onProgress);
    for (const task of TASKS) {
      for (const seed of seeds) {
        for (const name of NETWORKS) {
          const config = configOf(task, name, seed);
          const data = await loadPointData(config, source);
          const network = await parts.run(trainingOf(NAMES[name], seed), (tell) =>
            trainNetwork({ runtime, config, data, steps, tell, signal }),
          );
          try {
            signal.throwIfAborted();
            const judgement = await judged(network, data);
            const score = judgement.parts?.instanceAverage ?? accuracies(judgement.confusion).overall;
            found.add(`${task} ${name}`, 0, score);
            sizes[`${task} ${name}`] = network.parameters;
          } finally {
            network.dispose();
          }
        }
      }
    }
    return resultOf(found, sizes, steps);
  },
});

export const localStructure = localStructureOver(SEEDS);

function chartOf(found: Scores): Chart {
  return {
    kind: 'bars',
    x: { en: '1 spheres, 2 parts', zh: '1 球，2 部件' },
    y: { en: 'accuracy, mean IoU, %', zh: '准确率、平均 IoU %' },
    series: NETWORKS.map((network) => ({
      name: NAMES[network],
      points: TASKS.flatMap((task, i) => {
        const values = found.of(`${task} ${network}`, 0);
        return values.length > 0 ? [[i + 1, 100 * average(values)] as const] : [];
      }),
    })),
  };
}

/** Of accuracies on spheres and IoUs of parts, seed by seed. */
export function localParts(of: (task: Task, network: Network) => readonly number[]): Part[] {
  return TASKS.flatMap((task) => {
    const { en, zh } = TASK_NAMES[task];
    const ahead = (network: Network): Part => ({
      name: { en: `${NAMES[network].en} before PointNet on ${en}`, zh: `${zh}：${NAMES[network].zh} 优于 PointNet` },
      verdict: atLeastOver(of(task, network), of(task, 'pointnet')),
    });
    const noWorse: Part = {
      name: { en: `the dynamic graph no worse than the fixed on ${en}`, zh: `${zh}：动态图不逊于固定图` },
      verdict: atLeastOver(of(task, 'dynamic'), of(task, 'fixed'), -NO_WORSE),
    };
    return [ahead('pointnet2'), ahead('fixed'), ahead('dynamic'), noWorse];
  });
}

function resultOf(found: Scores, sizes: Readonly<Record<string, number>>, steps: number): ClaimResult {
  const parts = localParts((task, network) => found.of(`${task} ${network}`, 0));
  const seeds = found.of('spheres pointnet', 0).length;
  const not = exceptions(parts);
  const told = (task: Task, language: keyof Text) =>
    NETWORKS.map((n) => `${NAMES[n][language]} ${percent(found.of(`${task} ${n}`, 0))}`).join(', ');
  const size = (task: Task) => NETWORKS.map((n) => sizes[`${task} ${n}`]).join(', ');
  return {
    id: 'local-structure',
    verdict: wholeVerdict(parts),
    summary: {
      en: `Smooth, bumpy or ridged spheres: ${told('spheres', 'en')}; parts of solids (mean IoU): ${told('parts', 'en')}.${not.en}`,
      zh: `光滑、凹凸、有棱的球：${told('spheres', 'zh')}；几何体部件（平均 IoU）：${told('parts', 'zh')}。${not.zh}`,
    },
    setup: {
      en: `128 points, batch 8, ${steps} steps, ${seeds} seeds; parameters in this order: ${size('spheres')} for spheres, ${size('parts')} for parts.`,
      zh: `128 点，批量 8，${steps} 步，${seeds} 个种子；参数量依次为 ${size('spheres')}（球）、${size('parts')}（部件）。`,
    },
    chart: chartOf(found),
    figures: {
      ...Object.fromEntries(
        TASKS.flatMap((task) =>
          NETWORKS.flatMap((n) => [
            [`${task}.${n}`, average(found.of(`${task} ${n}`, 0))] as const,
            [`${task}.${n}.parameters`, sizes[`${task} ${n}`] ?? NaN] as const,
          ]),
        ),
      ),
      steps,
      seeds,
    },
  };
}
