import type { Text } from '../../train/control';
import type { LabMeta } from '../../train/lab';
import { startChoice } from '../labModels';
import { option } from './meta/choices';
import { claimSentences } from './meta/claims';
import { constraints } from './meta/constraints';
import { dataControls } from './meta/dataControls';
import { networkControls } from './meta/networkControls';
import { presets } from './meta/presets';
import { regionControls } from './meta/regionControls';
import { sources } from './meta/sources';
import { trainingControls } from './meta/trainingControls';

const group = (id: string, en: string, zh: string): { id: string; title: Text } => ({ id, title: { en, zh } });

export const meta: LabMeta = {
  id: 'detection',
  title: { en: 'Detection', zh: '目标检测' },
  summary: {
    en: 'Faster R-CNN, R-FCN and deformable sampling: every anchor, proposal and vote in sight.',
    zh: 'Faster R-CNN、R-FCN 与可变形采样：每个锚框、候选框与投票都可见。',
  },
  family: 'find',
  sources,
  methods: [
    { id: 'faster', title: 'Faster R-CNN', config: { method: 'faster', deform: 'none' } },
    { id: 'rfcn', title: 'R-FCN', config: { method: 'rfcn', deform: 'none' } },
    { id: 'deformable', title: 'Deformable ConvNets v1', config: { deform: 'v1' } },
    { id: 'deformable2', title: 'Deformable ConvNets v2', config: { deform: 'v2' } },
  ],
  views: ['scene', 'votes', 'sampling', 'sides', 'scores', 'own'],
  groups: [
    group('data', 'Data', '数据'),
    group('network', 'Network', '网络'),
    group('regions', 'Regions', '区域'),
    group('result', 'Result', '结果'),
    group('training', 'Training', '训练'),
  ],
  controls: [
    ...dataControls,
    ...networkControls,
    ...regionControls,
    ...trainingControls,
    startChoice([option('backbone', 'pre-trained backbone', '预训练骨干')]),
  ],
  constraints,
  presets,
  claims: claimSentences,
  ownPictures: 'annotated',
};
