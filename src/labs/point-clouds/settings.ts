/** The lab's controls as the network, the data and the trainer want them. */
import { SaidError } from '../../data/saidError';
import type { PointDistortion } from '../../engine/ops/augmentPoints';
import { UNDISTORTED } from '../../engine/ops/augmentPoints';
import type { Config } from '../../train/control';
import type { PointData } from './data/data';
import type { Method, NetworkShape, Task } from './networkShape';

export type RegulariserForm = 'paper' | 'half' | 'norm';

export interface PointSettings {
  readonly network: NetworkShape;
  /** Points of each cloud in training. */
  readonly points: number;
  readonly batch: number;
  readonly smoothing: number;
  readonly regulariser: { readonly weight: number; readonly form: RegulariserForm };
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly warmup: number;
  readonly steps: number;
  readonly clip: number;
  readonly seed: number;
}

function number(config: Config, id: string): number {
  const value = config[id];
  if (typeof value !== 'number') throw new Error(`setting "${id}": is ${String(value)}; give a number`);
  return value;
}

/** Throws with the setting and the fix where the controls do not fit the data. */
export function settingsOf(config: Config, data: PointData): PointSettings {
  const points = number(config, 'points');
  if (points > data.set.points)
    throw new SaidError({
      en: `points = ${points}: each shape of "${data.set.id}" holds ${data.set.points}; choose fewer`,
      zh: `点数 = ${points}：“${data.set.id}”的每个形状只有 ${data.set.points} 个点；请减少`,
    });
  return {
    network: networkOf(config, data),
    points,
    batch: number(config, 'batch'),
    smoothing: number(config, 'smoothing'),
    regulariser: { weight: number(config, 'reg'), form: config['regform'] as RegulariserForm },
    learningRate: number(config, 'lr'),
    weightDecay: number(config, 'decay'),
    warmup: number(config, 'warmup'),
    steps: number(config, 'steps'),
    clip: number(config, 'clip'),
    seed: number(config, 'seed'),
  };
}

function networkOf(config: Config, { set, scene }: PointData): NetworkShape {
  const method = config['method'] as Method;
  const task = config['task'] as Task;
  if ((task === 'scene') !== (scene !== undefined))
    throw new Error(
      `task = ${task} with data = ${set.id}: scene segmentation takes rooms, and rooms take nothing else`,
    );
  if (task === 'parts' && set.parts.length === 0)
    throw new SaidError({
      en: `task = parts: the set "${set.id}" has no part labels; take components or solids`,
      zh: `部件分割：“${set.id}”没有部件标签；请选电子元件或几何体`,
    });
  if (task !== 'classification' && (method === 'voxels' || method === 'views'))
    throw new SaidError({
      en: `method = ${method}: it names whole shapes only; set task to classification`,
      zh: `方法 ${method} 只识别整体形状；请把任务设为分类`,
    });
  const common = {
    task,
    channels: task === 'scene' ? 9 : config['normals'] === true ? 6 : 3,
    outputs: task === 'classification' ? set.classes.length : set.parts.length,
    categories: task === 'parts' ? set.classes.length : 0,
    width: number(config, 'width'),
    dropout: number(config, 'dropout'),
  } as const;
  switch (method) {
    case 'pointnet':
      return {
        ...common,
        method,
        bottleneck: number(config, 'bottleneck'),
        // The network of rooms has none (PointNet, sem_seg).
        inputTransform: config['tnetin'] === true && task !== 'scene',
        featureTransform: config['tnetfeat'] === true && task !== 'scene',
        pooling: config['pool'] === 'mean' ? 'mean' : 'max',
      };
    case 'pointnet2':
      return {
        ...common,
        method,
        bottleneck: number(config, 'bottleneck'),
        grouping: config['grouping'] === 'msg' ? 'msg' : config['grouping'] === 'mrg' ? 'mrg' : 'ssg',
        centres: number(config, 'centres'),
        members: number(config, 'members'),
        radius: number(config, 'radius'),
      };
    case 'dgcnn':
      return {
        ...common,
        method,
        bottleneck: number(config, 'bottleneck'),
        k: number(config, 'k'),
        graph: config['graph'] === 'fixed' ? 'fixed' : 'dynamic',
      };
    case 'voxels':
      return {
        ...common,
        channels: 3,
        method,
        side: number(config, 'side'),
        occupancy: config['occupancy'] === 'density' ? 'density' : 'binary',
      };
    case 'views':
      return {
        ...common,
        channels: 3,
        method,
        views: number(config, 'views'),
        size: number(config, 'viewsize'),
        shading: config['shading'] === 'normals' ? 'normals' : 'depth',
      };
  }
}

/** Whether a network is given the normals of its points. */
export function takesNormals(network: NetworkShape): boolean {
  return network.channels > 3 || (network.method === 'views' && network.shading === 'normals');
}

/** What training clouds go through. */
export function trainingDistortion(config: Config): PointDistortion {
  const [scale, jitter] = [number(config, 'scale'), number(config, 'jitter')];
  return {
    ...UNDISTORTED,
    turn: number(config, 'turn') / 360,
    smallest: 1 - scale,
    largest: 1 + scale,
    jitter,
    jitterLimit: 5 * jitter,
    mostDrop: number(config, 'indrop'),
    outliers: number(config, 'inoutliers'),
  };
}

/** What is shown and evaluated beside the undistorted clouds. */
export interface Look {
  /** Points of each cloud. */
  readonly points: number;
  readonly distortion: PointDistortion;
}

export function lookOf(config: Config): Look {
  const [seen, drop, noise] = [number(config, 'seen'), number(config, 'lookdrop'), number(config, 'looknoise')];
  return {
    points: seen === 0 ? number(config, 'points') : seen,
    distortion: {
      ...UNDISTORTED,
      turn: number(config, 'lookturn') / 360,
      jitter: noise,
      jitterLimit: 5 * noise,
      leastDrop: drop,
      mostDrop: drop,
      densityGradient: number(config, 'lookdensity'),
      outliers: number(config, 'lookoutliers'),
    },
  };
}
