/** The parts of the five networks that their papers vary. */
import { booleanControl, choiceControl, numberControl, type Control } from '../../../train/control';
import { having, onPoints, onRooms, option } from './choices';

const pointNet = having('method', 'pointnet');
const pointNet2 = having('method', 'pointnet2');
const dgcnn = having('method', 'dgcnn');
const voxels = having('method', 'voxels');
const views = having('method', 'views');

const model = { effect: 'restart', group: 'model' } as const;

const sizes: readonly Control[] = [
  numberControl({
    ...model,
    id: 'width',
    label: { en: 'Width', zh: '宽度' },
    help: {
      en: 'Channels of the first layer, of which the others are multiples; the papers have 64 (VoxNet 32).',
      zh: '首层通道数，其余各层为其倍数；论文为 64（VoxNet 为 32）。',
    },
    min: 8,
    max: 64,
    step: 8,
    default: 32,
  }),
  numberControl({
    ...model,
    id: 'bottleneck',
    label: { en: 'Global feature', zh: '全局特征' },
    help: {
      en: 'Numbers that describe the whole cloud; the papers have 1024.',
      zh: '描述整个点云的维数；论文为 1024。',
    },
    shownWhen: onPoints,
    min: 32,
    max: 1024,
    step: 32,
    default: 256,
  }),
];

const pointNetControls: readonly Control[] = [
  booleanControl({
    ...model,
    id: 'tnetin',
    label: { en: 'T-Net on the input', zh: '输入 T-Net' },
    help: {
      en: 'A small network that turns each cloud by a 3 × 3 matrix of its own.',
      zh: '小网络为每个点云给出一个 3 × 3 变换矩阵。',
    },
    shownWhen: (config) => pointNet(config) && !onRooms(config),
    default: false,
  }),
  booleanControl({
    ...model,
    id: 'tnetfeat',
    label: { en: 'T-Net on the features', zh: '特征 T-Net' },
    help: {
      en: 'The same on the features of each point, kept near orthogonal by the regulariser.',
      zh: '对每点特征做同样的变换，由正则项保持近似正交。',
    },
    shownWhen: (config) => pointNet(config) && !onRooms(config),
    default: false,
  }),
  numberControl({
    id: 'reg',
    label: { en: 'Orthogonality', zh: '正交正则' },
    help: {
      en: 'Weight of the feature transform’s distance from an orthogonal matrix.',
      zh: '特征变换偏离正交矩阵的惩罚权重。',
    },
    effect: 'knob',
    group: 'model',
    shownWhen: having('tnetfeat', true),
    min: 0,
    max: 0.1,
    step: 0.001,
    default: 0.001,
  }),
  choiceControl({
    id: 'regform',
    label: { en: 'Its form', zh: '正则形式' },
    help: {
      en: 'The paper’s sum of squares, half of it as in the first code, or the mean of plain norms as in the ports.',
      zh: '论文的平方和，原代码的一半平方和，或移植版的范数均值。',
    },
    effect: 'rebuild',
    group: 'model',
    shownWhen: having('tnetfeat', true),
    options: [
      option('paper', '‖I − AAᵀ‖², summed', '‖I − AAᵀ‖² 求和'),
      option('half', 'half of it', '其一半'),
      option('norm', '‖I − AAᵀ‖, averaged', '‖I − AAᵀ‖ 平均'),
    ],
    default: 'half',
  }),
  choiceControl({
    ...model,
    id: 'pool',
    label: { en: 'Pooling', zh: '池化' },
    help: {
      en: 'How the points become one: the largest of each feature, or the mean.',
      zh: '如何汇总所有点：取每个特征的最大值，或平均值。',
    },
    shownWhen: pointNet,
    options: [option('max', 'max', '最大'), option('mean', 'mean', '平均')],
    default: 'max',
  }),
];

const hierarchyControls: readonly Control[] = [
  choiceControl({
    ...model,
    id: 'grouping',
    label: { en: 'Grouping', zh: '分组方式' },
    help: {
      en: 'Balls of one radius, of three radii side by side, or a ball’s points beside what the level below found in it.',
      zh: '单一半径的球，三种半径并列，或球内原始点与下一层特征并列。',
    },
    shownWhen: pointNet2,
    options: [
      option('ssg', 'single scale', '单尺度'),
      option('msg', 'multi-scale (MSG)', '多尺度（MSG）'),
      option('mrg', 'multi-resolution (MRG)', '多分辨率（MRG）'),
    ],
    default: 'ssg',
  }),
  numberControl({
    ...model,
    id: 'centres',
    label: { en: 'Centres', zh: '中心点数' },
    help: {
      en: 'Balls of the first level, at points as far from each other as can be; a quarter at each further level.',
      zh: '第一层球的个数，球心由最远点采样得到；以后每层为四分之一。',
    },
    shownWhen: pointNet2,
    min: 16,
    max: 1024,
    step: 16,
    default: 64,
  }),
  numberControl({
    ...model,
    id: 'members',
    label: { en: 'Points in a ball', zh: '球内点数' },
    help: { en: 'At most; a ball with fewer repeats the first.', zh: '最多取这么多；不足时重复第一个。' },
    shownWhen: pointNet2,
    min: 4,
    max: 64,
    step: 4,
    default: 16,
  }),
  numberControl({
    id: 'radius',
    label: { en: 'Radius', zh: '半径' },
    help: {
      en: 'Of the first level’s balls; twice as much at each further level.',
      zh: '第一层球的半径；以后每层加倍。',
    },
    effect: 'rebuild',
    group: 'model',
    shownWhen: pointNet2,
    min: 0.05,
    max: 1,
    step: 0.05,
    default: 0.3,
  }),
];

const graphControls: readonly Control[] = [
  numberControl({
    id: 'k',
    label: { en: 'Neighbours', zh: '近邻数' },
    help: { en: 'Of each point, itself among them.', zh: '每个点的近邻数，含自身。' },
    effect: 'rebuild',
    group: 'model',
    shownWhen: dgcnn,
    min: 2,
    max: 40,
    step: 1,
    default: 10,
  }),
  choiceControl({
    id: 'graph',
    label: { en: 'Graph', zh: '图' },
    help: {
      en: 'Found anew in each layer’s features, or once among the coordinates.',
      zh: '在每层特征空间中重新求近邻，或只在坐标空间求一次。',
    },
    effect: 'rebuild',
    group: 'model',
    shownWhen: dgcnn,
    options: [option('dynamic', 'dynamic', '动态'), option('fixed', 'fixed', '固定')],
    default: 'dynamic',
  }),
];

const voxelControls: readonly Control[] = [
  choiceControl({
    ...model,
    id: 'side',
    label: { en: 'Grid', zh: '网格' },
    help: { en: 'Cells along an edge.', zh: '每边的体素数。' },
    shownWhen: voxels,
    options: [16, 20, 24, 28, 32].map((n) => option(n, `${n}³`, `${n}³`)),
    default: 16,
  }),
  choiceControl({
    id: 'occupancy',
    label: { en: 'A cell holds', zh: '体素内容' },
    help: {
      en: 'Whether a point lies in it, or how many, as a share of the fullest.',
      zh: '是否有点，或点数（相对最满的体素）。',
    },
    effect: 'rebuild',
    group: 'model',
    shownWhen: voxels,
    options: [option('binary', 'a point or none', '有无'), option('density', 'how many', '密度')],
    default: 'binary',
  }),
];

const viewControls: readonly Control[] = [
  numberControl({
    id: 'views',
    label: { en: 'Views', zh: '视图数' },
    help: { en: 'Cameras around the shape, 30° above it.', zh: '环绕形状、俯视 30° 的相机数。' },
    effect: 'rebuild',
    group: 'model',
    shownWhen: views,
    min: 1,
    max: 12,
    step: 1,
    default: 6,
  }),
  choiceControl({
    ...model,
    id: 'viewsize',
    label: { en: 'Pixels', zh: '像素' },
    help: { en: 'Side of a picture.', zh: '图像边长。' },
    shownWhen: views,
    options: [16, 24, 32, 48, 64].map((n) => option(n, `${n} px`, `${n} 像素`)),
    default: 24,
  }),
  choiceControl({
    ...model,
    id: 'shading',
    label: { en: 'Pictures of', zh: '图像内容' },
    help: { en: 'How near each pixel is, or which way its surface faces.', zh: '各像素的深度，或表面朝向。' },
    shownWhen: views,
    options: [option('depth', 'depth', '深度'), option('normals', 'normals', '法向量')],
    default: 'depth',
  }),
];

export const methodControls: readonly Control[] = [
  ...sizes,
  ...pointNetControls,
  ...hierarchyControls,
  ...graphControls,
  ...voxelControls,
  ...viewControls,
  numberControl({
    id: 'dropout',
    label: { en: 'Dropout', zh: 'Dropout' },
    help: { en: 'Share of the last hidden layers’ numbers that is left out.', zh: '最后隐藏层中被置零的比例。' },
    effect: 'rebuild',
    group: 'model',
    min: 0,
    max: 0.8,
    step: 0.05,
    default: 0.3,
  }),
];
