/** The controls that every lab's training has: AdamW, its schedule, the length of the run and its chance. A lab gives defaults and ranges. */
import { numberControl, type NumberControl } from './control';

type OptimiserControlId = 'batch' | 'lr' | 'decay' | 'warmup' | 'steps' | 'clip' | 'ema' | 'every' | 'seed';

/** What a lab says of a control: its default always, the rest where it differs from other labs'. */
type OwnPart = Pick<NumberControl, 'default'> & Partial<Pick<NumberControl, 'help' | 'unit' | 'min' | 'max' | 'step'>>;

/** What all labs share. Batches and evaluations are described by the lab: only it knows what they are made of. */
const SHARED: Readonly<Record<OptimiserControlId, Omit<NumberControl, 'kind' | 'default'>>> = {
  batch: {
    id: 'batch',
    label: { en: 'Batch', zh: '批大小' },
    help: { en: 'Samples in a step.', zh: '每步的样本数。' },
    effect: 'rebuild',
    group: 'training',
    min: 8,
    max: 512,
    step: 8,
  },
  lr: {
    id: 'lr',
    label: { en: 'Learning rate', zh: '学习率' },
    help: { en: 'Peak of AdamW’s learning rate, after the warm-up.', zh: 'AdamW 预热后的峰值学习率。' },
    effect: 'knob',
    group: 'training',
    scale: 'log',
    min: 0.00001,
    max: 0.1,
    step: 0.00001,
  },
  decay: {
    id: 'decay',
    label: { en: 'Weight decay', zh: '权重衰减' },
    help: { en: 'Pull of the weights towards zero.', zh: '权重向零的拉力。' },
    effect: 'knob',
    group: 'training',
    min: 0,
    max: 0.5,
    step: 0.01,
  },
  warmup: {
    id: 'warmup',
    label: { en: 'Warm-up', zh: '预热步数' },
    help: { en: 'Steps in which the learning rate rises from zero.', zh: '学习率从零上升的步数。' },
    effect: 'knob',
    group: 'training',
    unit: { en: 'steps', zh: '步' },
    min: 0,
    max: 2000,
    step: 10,
  },
  steps: {
    id: 'steps',
    label: { en: 'Steps', zh: '总步数' },
    help: { en: 'Length of the run; the learning rate falls to zero over it.', zh: '训练长度；学习率在此期间降到零。' },
    effect: 'knob',
    group: 'training',
    unit: { en: 'steps', zh: '步' },
    min: 100,
    max: 50000,
    step: 100,
  },
  clip: {
    id: 'clip',
    label: { en: 'Gradient clipping', zh: '梯度裁剪' },
    help: { en: 'Largest norm of the gradient; 0 for none.', zh: '梯度范数上限；0 为不裁剪。' },
    effect: 'knob',
    group: 'training',
    min: 0,
    max: 10,
    step: 0.1,
  },
  ema: {
    id: 'ema',
    label: { en: 'Average of weights', zh: '权重滑动平均' },
    help: {
      en: 'Decay of an exponential moving average of the weights, which is then what is shown, measured and exported; 0 keeps none.',
      zh: '权重指数滑动平均的衰减；展示、评估与导出均用平均后的权重；0 为不保留。',
    },
    effect: 'rebuild',
    group: 'training',
    min: 0,
    max: 0.999,
    step: 0.001,
  },
  every: {
    id: 'every',
    label: { en: 'Evaluate every', zh: '评估间隔' },
    help: { en: 'Steps between held-out measurements; 0 for none.', zh: '两次留出评估之间的步数；0 为不评估。' },
    effect: 'knob',
    group: 'training',
    unit: { en: 'steps', zh: '步' },
    min: 0,
    max: 5000,
    step: 50,
  },
  seed: {
    id: 'seed',
    label: { en: 'Seed', zh: '随机种子' },
    help: {
      en: 'Start of all chance: weights and order of the data. The same seed gives the same run.',
      zh: '一切随机的起点：权重与数据顺序。种子相同则运行相同。',
    },
    effect: 'restart',
    group: 'training',
    min: 0,
    max: 999999,
    step: 1,
  },
};

/** The controls by name, for a lab to put in its own order: a link keeps that order. */
export function optimiserControls<Id extends OptimiserControlId>(
  own: Readonly<Record<Id, OwnPart>>,
): Readonly<Record<Id, NumberControl>> {
  const ids = Object.keys(own) as Id[];
  const made = ids.map((id) => [id, numberControl({ ...SHARED[id], ...own[id] })] as const);
  return Object.fromEntries(made) as Record<Id, NumberControl>;
}
