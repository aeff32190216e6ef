import type { Preset } from '../../../train/lab';

export const presets: readonly Preset[] = [
  {
    id: 'paper',
    title: { en: 'As in the paper', zh: '论文设置' },
    summary: {
      en: 'Three patches of four are hidden. Watch how soon shapes come back.',
      zh: '四块隐藏三块，看形状多快恢复。',
    },
    config: {},
  },
  {
    id: 'emoji',
    title: { en: 'Emoji in colour', zh: '彩色表情' },
    summary: {
      en: 'Colour, and far more variety: what does the model give up on first?',
      zh: '彩色且多样：模型最先放弃什么？',
    },
    config: { data: 'emoji', lr: 0.0015 },
  },
  {
    id: 'one-hole',
    title: { en: 'One big hole', zh: '一个大洞' },
    summary: {
      en: 'The same ratio in one piece is much harder than scattered holes.',
      zh: '同样比例集中成一块，比分散的洞难得多。',
    },
    config: { shape: 'block', mask: 0.5 },
  },
  {
    id: 'almost-nothing',
    title: { en: 'Almost nothing left', zh: '几乎全遮' },
    summary: {
      en: 'Five patches in a hundred: the model paints the class, not the picture.',
      zh: '只留百分之五：模型画的是类别而非图像。',
    },
    config: { mask: 0.95 },
  },
  {
    id: 'symmetric',
    title: { en: 'The symmetric design', zh: '对称设计' },
    summary: {
      en: 'Mask tokens in the encoder: compare steps per second and the probe.',
      zh: '编码器中放掩码标记：比较每秒步数与探针。',
    },
    config: { symmetric: true },
  },
];
