import { OWN_SIZE } from '../../data/ownImages';
import {
  booleanControl,
  choiceControl,
  maskControl,
  numberControl,
  type Config,
  type Control,
} from '../../train/control';
import { startControl } from '../labModels';
import type { Constraint, LabMeta } from '../../train/lab';

const number = (config: Config, id: string) => Number(config[id]);

/** Image sizes by data set; the first is the set's own. */
const SIZES: Readonly<Record<string, readonly number[]>> = {
  fashion: [28, 14, 32],
  digits: [28, 14, 32],
  emoji: [32, 16],
  own: [OWN_SIZE, 16, 48, 64],
};

const controls: readonly Control[] = [
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
  choiceControl({
    id: 'data',
    label: { en: 'Data set', zh: '数据集' },
    help: { en: 'The images to learn from.', zh: '用来学习的图像。' },
    effect: 'restart',
    group: 'data',
    options: [
      { value: 'fashion', label: { en: 'Fashion', zh: '服饰' } },
      { value: 'emoji', label: { en: 'Emoji', zh: '表情' } },
      { value: 'digits', label: { en: 'Digits', zh: '数字' } },
      { value: 'own', label: { en: 'My own', zh: '我的' } },
    ],
    default: 'fashion',
  }),
  choiceControl({
    id: 'size',
    label: { en: 'Image size', zh: '图像尺寸' },
    help: {
      en: 'Side of the images in pixels; 0 is the data set’s own.',
      zh: '图像边长（像素）；0 为数据集自身尺寸。',
    },
    effect: 'restart',
    group: 'data',
    options: [0, 14, 16, 28, 32, 48, 64].map((value) => ({
      value,
      label: value === 0 ? { en: 'own', zh: '原始' } : { en: `${value} px`, zh: `${value} 像素` },
    })),
    default: 0,
  }),
  choiceControl({
    id: 'patch',
    label: { en: 'Patch size', zh: '图块尺寸' },
    help: { en: 'Side of a patch in pixels; it must divide the image.', zh: '图块边长（像素），须整除图像边长。' },
    effect: 'restart',
    group: 'data',
    options: [2, 4, 7, 8].map((value) => ({ value, label: { en: `${value} px`, zh: `${value} 像素` } })),
    default: 4,
  }),
  numberControl({
    id: 'width',
    label: { en: 'Encoder width', zh: '编码器宽度' },
    help: { en: 'Numbers per patch in the encoder.', zh: '编码器中每个图块的维数。' },
    effect: 'restart',
    group: 'model',
    min: 16,
    max: 256,
    step: 16,
    default: 64,
  }),
  numberControl({
    id: 'depth',
    label: { en: 'Encoder blocks', zh: '编码器层数' },
    help: { en: 'Transformer blocks of the encoder.', zh: '编码器的 Transformer 层数。' },
    effect: 'restart',
    group: 'model',
    min: 1,
    max: 12,
    step: 1,
    default: 4,
  }),
  choiceControl({
    id: 'heads',
    label: { en: 'Encoder heads', zh: '编码器头数' },
    help: { en: 'Attention heads of an encoder block.', zh: '编码器每层的注意力头数。' },
    effect: 'restart',
    group: 'model',
    options: [1, 2, 4, 8].map((value) => ({ value, label: { en: String(value), zh: String(value) } })),
    default: 4,
  }),
  numberControl({
    id: 'dwidth',
    label: { en: 'Decoder width', zh: '解码器宽度' },
    help: {
      en: 'Numbers per patch in the decoder; it may be far narrower than the encoder.',
      zh: '解码器每个图块的维数，可远小于编码器。',
    },
    effect: 'restart',
    group: 'model',
    min: 16,
    max: 256,
    step: 16,
    default: 32,
  }),
  numberControl({
    id: 'ddepth',
    label: { en: 'Decoder blocks', zh: '解码器层数' },
    help: { en: 'Transformer blocks of the decoder.', zh: '解码器的 Transformer 层数。' },
    effect: 'restart',
    group: 'model',
    min: 1,
    max: 8,
    step: 1,
    default: 2,
  }),
  choiceControl({
    id: 'dheads',
    label: { en: 'Decoder heads', zh: '解码器头数' },
    help: { en: 'Attention heads of a decoder block.', zh: '解码器每层的注意力头数。' },
    effect: 'restart',
    group: 'model',
    options: [1, 2, 4, 8].map((value) => ({ value, label: { en: String(value), zh: String(value) } })),
    default: 4,
  }),
  booleanControl({
    id: 'cls',
    label: { en: 'Class token', zh: '类别标记' },
    help: { en: 'One more token that belongs to no patch.', zh: '一个不属于任何图块的额外标记。' },
    effect: 'restart',
    group: 'model',
    default: true,
  }),
  booleanControl({
    id: 'symmetric',
    label: { en: 'Mask tokens in the encoder', zh: '编码器中使用掩码标记' },
    help: {
      en: 'The symmetric design: hidden patches pass through the encoder as mask tokens too. Slower, and worse features in the paper.',
      zh: '对称设计：被隐藏的图块也以掩码标记经过编码器。更慢，论文中特征也更差。',
    },
    effect: 'restart',
    group: 'model',
    default: false,
  }),
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
  numberControl({
    id: 'batch',
    label: { en: 'Batch', zh: '批大小' },
    help: { en: 'Images in a step.', zh: '每步的图像数。' },
    effect: 'rebuild',
    group: 'training',
    unit: 'images',
    min: 8,
    max: 512,
    step: 8,
    default: 64,
  }),
  numberControl({
    id: 'lr',
    label: { en: 'Learning rate', zh: '学习率' },
    help: { en: 'Peak of AdamW’s learning rate, after the warm-up.', zh: 'AdamW 预热后的峰值学习率。' },
    effect: 'knob',
    group: 'training',
    scale: 'log',
    min: 0.00001,
    max: 0.1,
    step: 0.00001,
    default: 0.002,
  }),
  numberControl({
    id: 'decay',
    label: { en: 'Weight decay', zh: '权重衰减' },
    help: {
      en: 'Pull of the weights towards zero; not on biases, norms and tokens.',
      zh: '权重向零的拉力；不作用于偏置、归一化和标记。',
    },
    effect: 'knob',
    group: 'training',
    min: 0,
    max: 0.5,
    step: 0.01,
    default: 0.05,
  }),
  numberControl({
    id: 'warmup',
    label: { en: 'Warm-up', zh: '预热步数' },
    help: { en: 'Steps in which the learning rate rises from zero.', zh: '学习率从零上升的步数。' },
    effect: 'knob',
    group: 'training',
    unit: 'steps',
    min: 0,
    max: 2000,
    step: 10,
    default: 100,
  }),
  numberControl({
    id: 'steps',
    label: { en: 'Steps', zh: '总步数' },
    help: { en: 'Length of the run; the learning rate falls to zero over it.', zh: '训练长度；学习率在此期间降到零。' },
    effect: 'knob',
    group: 'training',
    unit: 'steps',
    min: 100,
    max: 50000,
    step: 100,
    default: 3000,
  }),
  numberControl({
    id: 'clip',
    label: { en: 'Gradient clipping', zh: '梯度裁剪' },
    help: { en: 'Largest norm of the gradient; 0 for none.', zh: '梯度范数上限；0 为不裁剪。' },
    effect: 'knob',
    group: 'training',
    min: 0,
    max: 10,
    step: 0.1,
    default: 1,
  }),
  numberControl({
    id: 'ema',
    label: { en: 'Average of weights', zh: '权重滑动平均' },
    help: {
      en: 'Decay of an exponential moving average of the weights; 0 keeps none.',
      zh: '权重指数滑动平均的衰减；0 为不保留。',
    },
    effect: 'rebuild',
    group: 'training',
    min: 0,
    max: 0.999,
    step: 0.001,
    default: 0,
  }),
  numberControl({
    id: 'every',
    label: { en: 'Evaluate every', zh: '评估间隔' },
    help: { en: 'Steps between held-out measurements; 0 for none.', zh: '两次留出评估之间的步数；0 为不评估。' },
    effect: 'knob',
    group: 'training',
    unit: 'steps',
    min: 0,
    max: 5000,
    step: 50,
    default: 500,
  }),
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
  numberControl({
    id: 'seed',
    label: { en: 'Seed', zh: '随机种子' },
    help: {
      en: 'Start of all chance: weights, order, masks. The same seed gives the same run.',
      zh: '一切随机的起点：权重、顺序、掩码。种子相同则运行相同。',
    },
    effect: 'restart',
    group: 'training',
    min: 0,
    max: 999999,
    step: 1,
    default: 1,
  }),
];

/** The mask's controls where nothing is trained: what cannot be drawn there is left out. */
export const maskControls: readonly Control[] = controls
  .filter((c) => c.id === 'mask' || c.id === 'shape')
  .map((c) => (c.kind === 'choice' ? { ...c, options: c.options.filter((o) => o.value !== 'drawn') } : c));

/** Side of the images that a config asks for. */
export function imageSize(config: Config): number {
  const own = SIZES[String(config['data'])]?.[0] ?? 32;
  return number(config, 'size') || own;
}

const constraints: readonly Constraint[] = [
  {
    ids: ['patch'],
    problem: (config) => {
      const [size, patch] = [imageSize(config), number(config, 'patch')];
      return size % patch === 0
        ? undefined
        : {
            en: `Patches of ${patch} do not divide an image of ${size} pixels.`,
            zh: `边长 ${patch} 的图块不能整除 ${size} 像素的图像。`,
          };
    },
    fix: (config) => ({ ...config, patch: imageSize(config) % 4 === 0 ? 4 : 2 }),
  },
  ...(
    [
      ['width', 'heads', 'encoder', '编码器'],
      ['dwidth', 'dheads', 'decoder', '解码器'],
    ] as const
  ).map(([width, heads, en, zh]): Constraint => ({
    ids: [heads],
    problem: (config) => {
      const d = number(config, width) / number(config, heads);
      return d > 128
        ? { en: `A head of the ${en} would be ${d} wide; 128 is the most.`, zh: `${zh}每个头宽 ${d}，最多 128。` }
        : undefined;
    },
    fix: (config) => ({ ...config, [heads]: Math.max(2, number(config, heads)) }),
  })),
];

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
  groups: [
    { id: 'mask', title: { en: 'Mask', zh: '掩码' } },
    { id: 'data', title: { en: 'Data', zh: '数据' } },
    { id: 'model', title: { en: 'Model', zh: '模型' } },
    { id: 'training', title: { en: 'Training', zh: '训练' } },
  ],
  controls,
  constraints,
  presets: [
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
  ],
  claims: [
    {
      id: 'visible-only-cost',
      sentence: {
        en: 'Encoding the visible patches only makes a step at 75% masking at most half as dear as with mask tokens in the encoder.',
        zh: '在 75% 掩码下，只编码可见图块使一步的代价最多为编码器含掩码标记时的一半。',
      },
      source: 'He et al. 2021, table 2',
    },
    {
      id: 'probe-over-ratio',
      sentence: {
        en: 'A high mask ratio is best: the linear probe at 75% is at least as good as at 25%.',
        zh: '高掩码比例最好：75% 时的线性探针不差于 25%。',
      },
      source: 'He et al. 2021, figure 5',
    },
    {
      id: 'few-labels',
      sentence: {
        en: 'With ten labels a class, pre-training and then fine-tuning beats training from scratch by at least five points.',
        zh: '每类十个标签时，先预训练再微调比从零训练至少高五个百分点。',
      },
      source: 'He et al. 2021, table 3 (at scale)',
    },
    {
      id: 'normalised-target',
      sentence: {
        en: 'Normalised pixels as the target give features at least as good as plain pixels.',
        zh: '以归一化像素为目标，特征不差于原始像素。',
      },
      source: 'He et al. 2021, table 1d',
    },
  ],
};
