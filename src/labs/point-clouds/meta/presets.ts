/** Settings by the names of their papers. */
import type { Preset } from '../../../train/lab';

const preset = (id: string, title: Preset['title'], en: string, zh: string, config: Preset['config']): Preset => ({
  id,
  title,
  summary: { en, zh },
  config,
});

const same = (name: string) => ({ en: name, zh: name });

export const presets: readonly Preset[] = [
  preset(
    'pointnet-vanilla',
    { en: 'PointNet (vanilla)', zh: 'PointNet（基本型）' },
    'Qi et al. 2017: each point on its own, then the largest of each feature.',
    'Qi 等 2017：逐点处理，再取每个特征的最大值。',
    {},
  ),
  preset(
    'pointnet',
    same('PointNet'),
    'Qi et al. 2017 with both T-Nets: watch the clouds being turned upright.',
    'Qi 等 2017，含两个 T-Net：看点云如何被转正。',
    { tnetin: true, tnetfeat: true, turn: 360 },
  ),
  preset(
    'pointnet2',
    { en: 'PointNet++ (SSG)', zh: 'PointNet++（SSG）' },
    'Qi et al. 2017: small PointNets in balls, and balls of balls.',
    'Qi 等 2017：球内的小 PointNet，再到球的球。',
    { method: 'pointnet2' },
  ),
  preset(
    'pointnet2-msg',
    { en: 'PointNet++ (MSG + DP)', zh: 'PointNet++（MSG + DP）' },
    'Three radii and random input dropout, for uneven density.',
    '三种半径加随机输入丢弃，应对密度不均。',
    { method: 'pointnet2', grouping: 'msg', indrop: 0.875, centres: 32, members: 8 },
  ),
  preset(
    'dgcnn',
    same('DGCNN'),
    'Wang et al. 2019: neighbours are found anew in each layer’s features.',
    'Wang 等 2019：每层在特征空间重新寻找近邻。',
    // As the shipped model was trained, so that it opens on something learned.
    { method: 'dgcnn', points: 128, width: 16, bottleneck: 128, k: 8, smoothing: 0.2, steps: 1600 },
  ),
  preset(
    'voxnet',
    same('VoxNet'),
    'Maturana & Scherer 2015: a grid of cells and 3-D convolutions.',
    'Maturana 与 Scherer 2015：体素网格与三维卷积。',
    { method: 'voxels', points: 1024 },
  ),
  preset(
    'mvcnn',
    same('MVCNN'),
    'Su et al. 2015: pictures from six sides, one network, the strongest answer of each feature.',
    'Su 等 2015：六个视角的图像，同一网络，取每个特征的最强响应。',
    { method: 'views', points: 1024 },
  ),
  preset(
    'parts',
    { en: 'Parts of components', zh: '元件的部件' },
    'PointNet++ tells pins from bodies.',
    'PointNet++ 区分引脚与主体。',
    {
      ...{ method: 'pointnet2', task: 'parts', data: 'components', steps: 1200 },
      // As the shipped model was trained.
      ...{ width: 16, bottleneck: 128, centres: 128, members: 8, radius: 0.2 },
    },
  ),
  preset(
    'rooms',
    { en: 'Rooms', zh: '房间' },
    'What is each point of a room? PointNet, block by block.',
    '房间里的每个点是什么？PointNet 逐块判断。',
    { task: 'scene', data: 'rooms', points: 512, steps: 4000 },
  ),
  preset(
    'quick',
    { en: 'Quick start: solids', zh: '快速开始：几何体' },
    'Eight kinds of solids, learned within a minute.',
    '八种几何体，一分钟内学会。',
    { data: 'solids', points: 128, steps: 600 },
  ),
];
