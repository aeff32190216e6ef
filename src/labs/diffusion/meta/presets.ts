/** Settings by the names of their papers. */
import type { Preset } from '../../../train/lab';

export const presets: readonly Preset[] = [
  {
    id: 'edm',
    title: { en: 'EDM', zh: 'EDM' },
    summary: {
      en: 'Karras et al. 2022: eighteen Heun steps reach the ring from noise of 80.',
      zh: 'Karras 等 2022：十八个 Heun 步，从 80 的噪声走到圆环。',
    },
    config: {},
  },
  {
    id: 'ddpm',
    title: { en: 'DDPM', zh: 'DDPM' },
    summary: {
      en: 'Ho et al. 2020: ε-prediction and many noisy steps. Then take away steps.',
      zh: 'Ho 等 2020：预测 ε，许多带噪步。再减少步数试试。',
    },
    config: { framework: 'vp', sampler: 'ddpmLarge', grid: 'ddimUniform', nsteps: 200 },
  },
  {
    id: 'ddim',
    title: { en: 'DDIM', zh: 'DDIM' },
    summary: {
      en: 'Song et al. 2021: the same network without noise, in twenty steps. Turn η up.',
      zh: 'Song 等 2021：同一网络，无噪声，二十步。调大 η 看看。',
    },
    config: { framework: 'vp', sampler: 'ddim', grid: 'ddimUniform', nsteps: 20 },
  },
  {
    id: 'iddpm',
    title: { en: 'Improved DDPM', zh: '改进的 DDPM' },
    summary: {
      en: 'Nichol & Dhariwal 2021: the cosine schedule keeps steps where noise is middling.',
      zh: 'Nichol 与 Dhariwal 2021：余弦时间表把步数留在中等噪声处。',
    },
    config: { framework: 'iddpm', nsteps: 50 },
  },
  {
    id: 'score-vp',
    title: { en: 'Score SDE, VP', zh: '分数 SDE（VP）' },
    summary: {
      en: 'Song et al. 2021: DDPM in continuous time; Euler needs many steps.',
      zh: 'Song 等 2021：连续时间的 DDPM；Euler 需要许多步。',
    },
    config: { framework: 'vp', nsteps: 128 },
  },
  {
    id: 'score-ve',
    title: { en: 'Score SDE, VE', zh: '分数 SDE（VE）' },
    summary: {
      en: 'Song & Ermon 2019, Song et al. 2021: noise grows, data stay where they are.',
      zh: 'Song 与 Ermon 2019，Song 等 2021：噪声变大，数据不缩放。',
    },
    config: { framework: 've', nsteps: 128 },
  },
  {
    id: 'flow',
    title: { en: 'Flow matching', zh: '流匹配' },
    summary: {
      en: 'Lipman et al. 2023: predict the velocity; few Euler steps. Are the paths straight?',
      zh: 'Lipman 等 2023：预测速度，Euler 几步即可。路径真的是直的吗？',
    },
    config: { framework: 'flow', nsteps: 16 },
  },
  {
    id: 'rectified-flow',
    title: { en: 'Rectified flow, logit-normal', zh: '整流流（logit 正态）' },
    summary: {
      en: 'Esser et al. 2024: middle times are seen more often in training.',
      zh: 'Esser 等 2024：训练时更常见到中间时刻。',
    },
    config: { framework: 'flow', noise: 'logitNormal', pmean: 0, pstd: 1, nsteps: 16 },
  },
  {
    id: 'fashion',
    title: { en: 'Clothes out of noise', zh: '从噪声到服饰' },
    summary: {
      en: 'A small diffusion transformer on images, with classes and guidance.',
      zh: '图像上的小型扩散 Transformer，带类别与引导。',
    },
    config: { data: 'fashion', size: 16, dwidth: 64, batch: 64, pmean: -0.8, guidance: 2, steps: 10000 },
  },
  {
    id: 'ddpm-unet',
    title: { en: 'DDPM, small U-Net', zh: 'DDPM，小型 U-Net' },
    summary: {
      en: 'Ho et al. 2020: a U-Net with attention predicts ε; 200 noisy steps.',
      zh: 'Ho 等 2020：带注意力的 U-Net 预测 ε，200 个带噪步。',
    },
    config: {
      ...{ data: 'fashion', size: 16, net: 'unet', batch: 64, steps: 10000 },
      ...{ framework: 'vp', sampler: 'ddpmLarge', grid: 'ddimUniform', nsteps: 200 },
    },
  },
  {
    id: 'emoji',
    title: { en: 'New emoji', zh: '新表情' },
    summary: { en: 'Colour, and little data: does it invent, or remember?', zh: '彩色且数据少：是创造还是记忆？' },
    config: { data: 'emoji', size: 16, dwidth: 64, batch: 64, pmean: -0.8, flip: true, steps: 20000 },
  },
];
