import type { LabMeta } from '../../train/lab';
import { claimSentences } from './meta/claims';
import { constraints } from './meta/constraints';
import { dataControls } from './meta/dataControls';
import { maskControls } from './meta/maskControls';
import { modelControls } from './meta/modelControls';
import { presets } from './meta/presets';
import { remark } from './meta/remark';
import { trainingControls } from './meta/trainingControls';

export const meta: LabMeta = {
  id: 'masked-images',
  title: { en: 'Masked images', zh: '掩码图像' },
  summary: {
    en: 'Hide most of a picture and learn to paint it back: a masked autoencoder, trained while you watch.',
    zh: '隐藏图像的大部分，学着把它补回来：当场训练的掩码自编码器。',
  },
  family: 'hide',
  sources: [
    {
      title: 'Masked Autoencoders Are Scalable Vision Learners',
      authors: 'K. He, X. Chen, S. Xie, Y. Li, P. Dollár, R. Girshick',
      year: 2021,
      reference: 'arXiv:2111.06377',
    },
  ],
  methods: [{ id: 'mae', title: 'MAE' }],
  methodsToCome: ['BEiT', 'iGPT'],
  views: ['pictures', 'attention', 'filters', 'positions', 'map'],
  groups: [
    { id: 'mask', title: { en: 'Mask', zh: '掩码' } },
    { id: 'data', title: { en: 'Data', zh: '数据' } },
    { id: 'model', title: { en: 'Model', zh: '模型' } },
    { id: 'training', title: { en: 'Training', zh: '训练' } },
  ],
  controls: [...maskControls, ...dataControls, ...modelControls, ...trainingControls],
  constraints,
  remark,
  presets,
  claims: claimSentences,
};
