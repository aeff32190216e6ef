import { numberControl, type Control } from '../../../train/control';
import { optimiserControls } from '../../../train/optimiserControls';

const shared = optimiserControls({
  batch: {
    default: 16,
    min: 2,
    max: 64,
    step: 2,
    help: { en: 'Clouds in a step; at least 2, for the batch norms.', zh: '每步的点云数；批归一化至少需 2。' },
  },
  lr: { default: 0.002 },
  warmup: { default: 20, max: 1000 },
  steps: { default: 2000, max: 20000 },
  decay: { default: 0.05 },
  clip: { default: 1 },
  every: {
    default: 200,
    help: {
      en: 'Steps between measurements on held-out shapes; 0 for none.',
      zh: '两次留出评估之间的步数；0 为不评估。',
    },
  },
  seed: {
    default: 1,
    help: {
      en: 'Start of all chance: weights, order, distortions. The same seed gives the same run.',
      zh: '一切随机的起点：权重、顺序、扰动。种子相同则运行相同。',
    },
  },
});

export const trainingControls: readonly Control[] = [
  shared.batch,
  shared.lr,
  shared.warmup,
  shared.steps,
  numberControl({
    id: 'smoothing',
    label: { en: 'Label smoothing', zh: '标签平滑' },
    help: {
      en: 'Share of the probability that is spread over all classes; DGCNN takes 0.2.',
      zh: '均分给所有类别的概率；DGCNN 取 0.2。',
    },
    effect: 'rebuild',
    group: 'training',
    min: 0,
    max: 0.5,
    step: 0.05,
    default: 0,
  }),
  shared.decay,
  shared.clip,
  shared.every,
  shared.seed,
];
