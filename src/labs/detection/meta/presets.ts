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
    'faster',
    same('Faster R-CNN'),
    'Ren et al. 2015 with RoIAlign: proposals, then a small network for each.',
    'Ren 等 2015，配 RoIAlign：先候选框，再逐个过小网络。',
    {},
  ),
  preset(
    'rfcn',
    same('R-FCN'),
    'Dai et al. 2016: watch the nine maps of a class vote on a box.',
    'Dai 等 2016：看一个类别的九张图如何对一个框投票。',
    { method: 'rfcn', k: 3, ohem: true },
  ),
  preset(
    'deformable',
    { en: 'Deformable R-FCN', zh: '可变形 R-FCN' },
    'Dai et al. 2017 on turned and bent objects: sampling points follow them.',
    'Dai 等 2017，用于旋转弯曲的物体：采样点随之移动。',
    { method: 'rfcn', k: 3, ohem: true, deform: 'v1', pspool: 'deformable', turn: 45, warp: 0.5, offsetrate: 0.3 },
  ),
  preset(
    'deformable2',
    { en: 'Deformable v2', zh: '可变形 v2' },
    'Zhu et al. 2019: more deformable layers, each tap with a factor of its own.',
    'Zhu 等 2019：更多可变形层，每个采样点带调制系数。',
    { deform: 'v2', deformed: 3, blocks: 3, turn: 45, warp: 0.5, offsetrate: 0.3 },
  ),
  preset(
    'furniture',
    { en: 'Six kinds of furniture', zh: '六类家具' },
    'Not only where, but what: a wider network, and a longer run.',
    '不仅要知道在哪，还要知道是什么：更宽的网络，更长的训练。',
    { data: 'furniture', classes: 'six', width: 16, blocks: 2, hidden: 128, batch: 4, steps: 8000 },
  ),
];
