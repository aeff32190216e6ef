import type { Control } from '../../../train/control';
import { optimiserControls } from '../../../train/optimiserControls';

const shared = optimiserControls({
  batch: { default: 2, min: 1, max: 32, step: 1, help: { en: 'Pictures in a step.', zh: '每步的图像数。' } },
  lr: { default: 0.003 },
  warmup: { default: 50, max: 1000 },
  steps: { default: 1200, max: 50000 },
  decay: { default: 0.1 },
  clip: { default: 5 },
  ema: { default: 0.99 },
  every: {
    default: 500,
    help: {
      en: 'Steps between measurements on held-out scenes; 0 for none.',
      zh: '两次留出场景评估之间的步数；0 为不评估。',
    },
  },
  seed: {
    default: 1,
    help: {
      en: 'Start of all chance: weights, scenes, choice of regions. The same seed gives the same run.',
      zh: '一切随机的起点：权重、场景、区域选择。种子相同则运行相同。',
    },
  },
});

export const trainingControls: readonly Control[] = [
  shared.batch,
  shared.lr,
  shared.warmup,
  shared.steps,
  shared.decay,
  shared.clip,
  shared.ema,
  shared.every,
  shared.seed,
];
