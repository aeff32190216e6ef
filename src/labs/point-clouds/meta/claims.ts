import type { ClaimMeta } from '../../../train/lab';

/** What the papers claim; the runs stand in claims/. */
export const claimSentences: readonly ClaimMeta[] = [
  {
    id: 'missing-points',
    sentence: {
      en: 'With half of its points missing PointNet loses at most five points of accuracy; with three quarters and nine tenths missing it loses less than voxels and views.',
      zh: '缺失一半的点时，PointNet 准确率下降不超过五个百分点；缺失四分之三与九成时，下降比体素和多视图少。',
    },
    source: 'Qi et al. 2017 (PointNet), section 5.3',
  },
  {
    id: 'outliers',
    sentence: {
      en: 'At 20% outliers that training never saw max pooling falls below half of mean pooling’s accuracy; with outliers in training it comes back to within ten points of clean clouds.',
      zh: '训练未见过的离群点占 20% 时，最大池化的准确率跌到平均池化的一半以下；训练含离群点后恢复到与干净点云相差十个百分点以内。',
    },
    source: 'Qi et al. 2017 (PointNet), figure 6',
  },
  {
    id: 'critical-points',
    sentence: {
      en: 'A cloud has no more critical points than the global feature has numbers; they alone give the same logits; removing them hurts more than removing as many at random.',
      zh: '关键点数不超过全局特征的维数；仅用关键点得到相同的 logits；去掉关键点比随机去掉同样多的点更伤。',
    },
    source: 'Qi et al. 2017 (PointNet), theorem 2',
  },
  {
    id: 'order',
    sentence: {
      en: 'PointNet’s logits do not depend on the order of the points; a perceptron on the list of coordinates changes 5% of its answers or more with the order, and is less accurate.',
      zh: 'PointNet 的 logits 与点的顺序无关；作用于坐标列表的感知机换序后改变 5% 以上的回答，且准确率更低。',
    },
    source: 'Qi et al. 2017 (PointNet), figure 5',
  },
  {
    id: 'density',
    sentence: {
      en: 'PointNet++ with three radii and input dropout loses less than with one radius and none, both when an eighth of the points is left and when the density falls along a direction.',
      zh: '无论只剩八分之一的点，还是密度沿某一方向下降，三尺度加输入丢弃的 PointNet++ 都比单尺度且无丢弃时下降更少。',
    },
    source: 'Qi et al. 2017 (PointNet++), figure 4',
  },
  {
    id: 'local-structure',
    sentence: {
      en: 'PointNet++ and DGCNN beat a PointNet of no smaller size on shapes that differ only locally and on parts; the dynamic graph is no worse than the fixed one.',
      zh: '在仅局部不同的形状与部件分割上，PointNet++ 与 DGCNN 胜过不小于它们的 PointNet；动态图不逊于固定图。',
    },
    source: 'Wang et al. 2019, tables 2 and 5; Qi et al. 2017 (PointNet++)',
  },
  {
    id: 'rotation',
    sentence: {
      en: 'Turning the shapes costs an upright PointNet ten points or more; turning them in training repairs half of that at least and does more than T-Nets, which add to it.',
      zh: '旋转形状使只见过直立形状的 PointNet 下降十个百分点以上；训练时旋转至少补回一半，胜过 T-Net，而 T-Net 再添增益。',
    },
    source: 'Qi et al. 2017 (PointNet), table 5 and section 4.2',
  },
  {
    id: 'representations',
    sentence: {
      en: 'Doubling the cells along an edge multiplies VoxNet’s memory by six or more and its time by four or more; PointNet’s grow no faster than its points; more views help, and their order changes nothing.',
      zh: '每边体素数加倍，VoxNet 的内存增至六倍以上、时间增至四倍以上；PointNet 的开销增长不快于点数；更多视图有益，其顺序不影响结果。',
    },
    source: 'Su et al. 2015; Maturana & Scherer 2015; Qi et al. 2017 (PointNet), table 6',
  },
];
