import { booleanControl, choiceControl, type Control } from '../../../train/control';
import { optimiserControls } from '../../../train/optimiserControls';
import { startControl } from '../../labModels';

const shared = optimiserControls({
  batch: { default: 64, unit: { en: 'images', zh: '张' }, help: { en: 'Images in a step.', zh: '每步的图像数。' } },
  lr: { default: 0.002 },
  decay: {
    default: 0.05,
    help: {
      en: 'Pull of the weights towards zero; not on biases, norms and tokens.',
      zh: '权重向零的拉力；不作用于偏置、归一化和标记。',
    },
  },
  warmup: { default: 100 },
  steps: { default: 3000 },
  clip: { default: 1 },
  ema: { default: 0 },
  every: { default: 500 },
  seed: {
    default: 1,
    help: {
      en: 'Start of all chance: weights, order, masks. The same seed gives the same run.',
      zh: '一切随机的起点：权重、顺序、掩码。种子相同则运行相同。',
    },
  },
});

export const trainingControls: readonly Control[] = [
  booleanControl({
    id: 'norm',
    label: { en: 'Normalised target', zh: '归一化目标' },
    help: {
      en: 'Predict each patch less its own mean and divided by its own deviation: contrast counts, brightness does not.',
      zh: '预测每个图块减去自身均值并除以自身标准差后的像素：看对比而非亮度。',
    },
    effect: 'rebuild',
    group: 'training',
    default: false,
  }),
  shared.batch,
  shared.lr,
  shared.decay,
  shared.warmup,
  shared.steps,
  shared.clip,
  shared.ema,
  shared.every,
  startControl,
  choiceControl({
    id: 'precision',
    label: { en: 'Precision', zh: '精度' },
    help: {
      en: 'How the layers’ products hold their operands: f16 takes half the bytes. Sums, gradients and weights stay f32.',
      zh: '各层矩阵乘的操作数格式：f16 只占一半字节；累加、梯度与权重仍为 f32。',
    },
    effect: 'rebuild',
    group: 'training',
    needs: 'shader-f16',
    options: [
      { value: 'f32', label: { en: 'f32', zh: 'f32' } },
      { value: 'f16', label: { en: 'f16', zh: 'f16' } },
    ],
    default: 'f32',
  }),
  shared.seed,
];
