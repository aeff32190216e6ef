import { booleanControl, numberControl, type Control } from '../../../train/control';
import { optimiserControls } from '../../../train/optimiserControls';
import { onPictures } from './choices';

const shared = optimiserControls({
  batch: {
    default: 128,
    min: 16,
    max: 1024,
    step: 16,
    help: { en: 'Samples in a step, each at a noise level of its own.', zh: '每步的样本数，各有自己的噪声水平。' },
  },
  lr: { default: 0.002 },
  warmup: { default: 50 },
  steps: { default: 5000, max: 100000 },
  ema: {
    default: 0.995,
    max: 0.9999,
    step: 0.0001,
    help: {
      en: 'Decay of the moving average of the weights that samples are drawn with, shorter while the run is young; 0 keeps none.',
      zh: '采样所用权重的滑动平均衰减，训练初期较短；0 为不保留。',
    },
  },
  decay: { default: 0 },
  clip: { default: 1 },
  every: {
    default: 1000,
    max: 10000,
    step: 100,
    help: { en: 'Steps between measurements of samples; 0 for none.', zh: '两次样本评估之间的步数；0 为不评估。' },
  },
  seed: {
    default: 1,
    help: {
      en: 'Start of all chance: weights, order, noise. The same seed gives the same run.',
      zh: '一切随机的起点：权重、顺序、噪声。种子相同则运行相同。',
    },
  },
});

export const trainingControls: readonly Control[] = [
  shared.batch,
  shared.lr,
  shared.warmup,
  shared.steps,
  shared.ema,
  shared.decay,
  shared.clip,
  numberControl({
    id: 'drop',
    label: { en: 'Drop the class', zh: '类别丢弃率' },
    help: {
      en: 'Share of images whose class is not told, so that guidance has something to compare with.',
      zh: '不告知类别的图像比例，供引导比较。',
    },
    effect: 'rebuild',
    group: 'training',
    shownWhen: onPictures,
    min: 0,
    max: 1,
    step: 0.05,
    default: 0.1,
  }),
  booleanControl({
    id: 'flip',
    label: { en: 'Mirror images', zh: '镜像图像' },
    help: {
      en: 'Half of the images left to right: more data, where that makes sense.',
      zh: '一半图像左右翻转：在合理时增加数据。',
    },
    effect: 'rebuild',
    group: 'training',
    shownWhen: onPictures,
    default: false,
  }),
  shared.every,
  shared.seed,
];
