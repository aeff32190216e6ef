import type { Text } from '../../train/control';
import type { LabMeta } from '../../train/lab';
import { startControl } from '../labModels';
import { claimSentences } from './meta/claims';
import { constraints } from './meta/constraints';
import { dataControls, lookControls } from './meta/dataControls';
import { methodControls } from './meta/methodControls';
import { presets } from './meta/presets';
import { sources } from './meta/sources';
import { trainingControls } from './meta/trainingControls';

const group = (id: string, en: string, zh: string): { id: string; title: Text } => ({ id, title: { en, zh } });

export const meta: LabMeta = {
  id: 'point-clouds',
  title: { en: 'Point clouds', zh: '点云' },
  summary: {
    en: 'One object as points, nested balls, a graph, voxels and pictures: five networks on the same shapes.',
    zh: '同一物体作为点、嵌套的球、图、体素与图像：五种网络，同一批形状。',
  },
  family: 'points',
  sources,
  methods: [
    { id: 'pointnet', title: 'PointNet', config: { method: 'pointnet' } },
    { id: 'pointnet2', title: 'PointNet++', config: { method: 'pointnet2' } },
    { id: 'dgcnn', title: 'DGCNN', config: { method: 'dgcnn' } },
    { id: 'voxels', title: 'VoxNet', config: { method: 'voxels' } },
    { id: 'views', title: 'MVCNN', config: { method: 'views' } },
  ],
  views: ['objects', 'inside', 'four', 'scores', 'room', 'own'],
  groups: [
    group('data', 'Data', '数据'),
    group('look', 'What is seen', '观察'),
    group('model', 'Network', '网络'),
    group('augmentation', 'Augmentation', '数据增强'),
    group('training', 'Training', '训练'),
  ],
  controls: [...dataControls, ...lookControls, ...methodControls, ...trainingControls, startControl],
  constraints,
  presets,
  claims: claimSentences,
};
