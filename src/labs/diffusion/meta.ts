import type { Text } from '../../train/control';
import type { LabMeta } from '../../train/lab';
import { startControl } from '../labModels';
import { claimSentences } from './meta/claims';
import { constraints } from './meta/constraints';
import { modelControls } from './meta/modelControls';
import { presets } from './meta/presets';
import { processControls } from './meta/processControls';
import { samplerControls } from './meta/samplerControls';
import { sources } from './meta/sources';
import { trainingControls } from './meta/trainingControls';

const group = (id: string, en: string, zh: string): { id: string; title: Text } => ({ id, title: { en, zh } });

export const meta: LabMeta = {
  id: 'diffusion',
  title: { en: 'Diffusion', zh: '扩散' },
  summary: {
    en: 'Drown data in noise and learn the way back: one framework in which DDPM, score matching, EDM and flow matching are settings.',
    zh: '把数据淹没在噪声里，再学会回来的路：在同一框架中，DDPM、分数匹配、EDM 和流匹配都只是不同的设置。',
  },
  family: 'denoise',
  sources,
  methods: [
    { id: 'edm', title: 'EDM', config: { framework: 'edm' } },
    { id: 'vp', title: 'DDPM / DDIM (VP)', config: { framework: 'vp' } },
    { id: 've', title: 'Score matching (VE)', config: { framework: 've' } },
    { id: 'iddpm', title: 'iDDPM', config: { framework: 'iddpm' } },
    { id: 'flow', title: 'Flow matching', config: { framework: 'flow' } },
  ],
  views: ['level', 'samples', 'forward', 'samplers', 'edit', 'memory', 'space'],
  groups: [
    group('data', 'Data', '数据'),
    group('process', 'Process', '过程'),
    group('sampler', 'Sampling', '采样'),
    group('model', 'Model', '模型'),
    group('training', 'Training', '训练'),
  ],
  controls: [...processControls, ...samplerControls, ...modelControls, ...trainingControls, startControl],
  constraints,
  presets,
  claims: claimSentences,
};
