import { choiceControl, maskControl, numberControl, type Control } from '../../../train/control';

export const maskControls: readonly Control[] = [
  numberControl({
    id: 'mask',
    label: { en: 'Mask ratio', zh: '掩码比例' },
    help: {
      en: 'Share of the patches that are hidden. The encoder sees the rest only; the decoder must paint what is missing.',
      zh: '被隐藏的图块比例。编码器只看其余部分，解码器要补出缺失的内容。',
    },
    effect: 'rebuild',
    group: 'mask',
    hero: true,
    // A drawing says itself what is hidden.
    shownWhen: (config) => config['shape'] !== 'drawn',
    min: 0,
    max: 0.95,
    step: 0.01,
    default: 0.75,
  }),
  choiceControl({
    id: 'shape',
    label: { en: 'Mask shape', zh: '掩码形状' },
    help: { en: 'Which patches are hidden together.', zh: '哪些图块一起被隐藏。' },
    effect: 'rebuild',
    group: 'mask',
    options: [
      { value: 'random', label: { en: 'random', zh: '随机' } },
      { value: 'block', label: { en: 'block', zh: '整块' } },
      { value: 'grid', label: { en: 'grid', zh: '网格' } },
      { value: 'drawn', label: { en: 'drawn', zh: '手绘' } },
    ],
    default: 'random',
  }),
  maskControl({
    id: 'drawn',
    label: { en: 'Drawn mask', zh: '手绘掩码' },
    help: { en: 'Draw which patches are hidden in training.', zh: '画出训练时要隐藏的图块。' },
    effect: 'rebuild',
    group: 'mask',
    shownWhen: (config) => config['shape'] === 'drawn',
    default: '',
  }),
];

/** The mask's controls where nothing is trained: what cannot be drawn there is left out. */
export const maskControlsWithoutTraining: readonly Control[] = maskControls
  .filter((c) => c.kind !== 'mask')
  .map((c) => (c.kind === 'choice' ? { ...c, options: c.options.filter((o) => o.value !== 'drawn') } : c));
