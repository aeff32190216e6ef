/** Rules between the lab's controls. */
import type { Config, Text } from '../../../train/control';
import type { Constraint } from '../../../train/lab';

/** Points stored of each shape of a set; generated sets have as many as are asked for. */
export const STORED: Readonly<Record<string, number>> = { furniture: 2048, components: 1024, rooms: 1024 };

const rule = (
  ids: readonly string[],
  holds: (config: Config) => boolean,
  message: (config: Config) => Text,
  change: (config: Config) => Config,
): Constraint => ({
  ids,
  problem: (config) => (holds(config) ? undefined : message(config)),
  fix: (config) => ({ ...config, ...change(config) }),
});

const stored = (config: Config) => STORED[String(config['data'])] ?? Infinity;
/** The least number of points that a method can be given. */
const least = (config: Config) => (config['method'] === 'dgcnn' ? Number(config['k']) : 1);

export const constraints: readonly Constraint[] = [
  rule(
    ['method', 'task'],
    (c) => !['voxels', 'views'].includes(String(c['method'])) || c['task'] === 'classification',
    (c) => ({
      en: `${c['method'] === 'voxels' ? 'VoxNet' : 'MVCNN'} names whole shapes; it has no form for single points.`,
      zh: `${c['method'] === 'voxels' ? 'VoxNet' : 'MVCNN'} 只识别整体形状，没有逐点形式。`,
    }),
    () => ({ task: 'classification' }),
  ),
  rule(
    ['task', 'data'],
    (c) => c['task'] !== 'scene' || c['data'] === 'rooms',
    () => ({
      en: 'Scene segmentation takes rooms.',
      zh: '场景分割使用房间数据。',
    }),
    () => ({ data: 'rooms' }),
  ),
  rule(
    ['task', 'data'],
    (c) => c['task'] === 'scene' || c['data'] !== 'rooms',
    () => ({
      en: 'Rooms are for scene segmentation; choose that task first.',
      zh: '房间用于场景分割；请先选择该任务。',
    }),
    (c) => ({ data: c['task'] === 'parts' ? 'components' : 'furniture' }),
  ),
  rule(
    ['task', 'data'],
    (c) => c['task'] !== 'parts' || ['components', 'solids'].includes(String(c['data'])),
    () => ({
      en: 'This set has no part labels; components and solids have.',
      zh: '该数据集没有部件标签；电子元件与几何体有。',
    }),
    () => ({ data: 'components' }),
  ),
  rule(
    ['points', 'data'],
    (c) => Number(c['points']) <= stored(c),
    (c) => ({
      en: `Each shape of this set holds ${stored(c)} points.`,
      zh: `该数据集每个形状有 ${stored(c)} 个点。`,
    }),
    (c) => ({ points: stored(c) }),
  ),
  rule(
    ['seen', 'data'],
    (c) => Number(c['seen']) <= Math.min(stored(c), 4096),
    (c) => ({
      en: `Each shape of this set holds ${stored(c)} points.`,
      zh: `该数据集每个形状有 ${stored(c)} 个点。`,
    }),
    (c) => ({ seen: Math.min(stored(c), 4096) }),
  ),
  rule(
    ['seen', 'k'],
    (c) => Number(c['seen']) === 0 || Number(c['seen']) >= least(c),
    (c) => ({
      en: `${String(c['k'])} neighbours need as many points.`,
      zh: `${String(c['k'])} 个近邻至少需要同样多的点。`,
    }),
    () => ({ seen: 64 }),
  ),
  rule(
    ['centres', 'points'],
    (c) => c['method'] !== 'pointnet2' || Number(c['centres']) <= Number(c['points']),
    (c) => ({
      en: `There are ${String(c['points'])} points to choose centres from.`,
      zh: `只有 ${String(c['points'])} 个点可选作中心。`,
    }),
    (c) => ({ centres: Number(c['points']) }),
  ),
];
