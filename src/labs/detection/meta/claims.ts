import type { ClaimMeta } from '../../../train/lab';

const claim = (id: string, source: string, en: string, zh: string): ClaimMeta => ({ id, source, sentence: { en, zh } });

export const claimSentences: readonly ClaimMeta[] = [
  claim(
    'cost',
    'Dai et al. 2016',
    'R-FCN’s time and operations hardly grow from 50 to 300 regions, while those of a network for each region grow in proportion.',
    '区域数从 50 增至 300，R-FCN 的时间与运算几乎不变，而逐区域网络按比例增长。',
  ),
  claim(
    'position',
    'Dai et al. 2016',
    'Position sensitivity is what localises: k = 1 classifies as well as k = 3 but ranks shifted boxes clearly worse.',
    '位置敏感带来定位能力：k = 1 的分类与 k = 3 相当，但对偏移框的排序明显更差。',
  ),
  claim(
    'warped',
    'Dai et al. 2017',
    'Deformable layers raise average precision on turned and bent objects more than on upright ones.',
    '可变形层在旋转弯曲物体上带来的精度提升大于在端正物体上。',
  ),
  claim(
    'dilation',
    'Dai et al. 2017',
    'The learned offsets reach further on larger objects.',
    '物体越大，学到的偏移伸展越远。',
  ),
  claim(
    'modulation',
    'Zhu et al. 2019',
    'Modulated deformable layers (v2) detect better than plain ones (v1).',
    '调制的可变形层（v2）优于不调制的（v1）。',
  ),
  claim(
    'bins',
    'Dai et al. 2017',
    'Deformable position-sensitive pooling gains at strict overlap.',
    '可变形位置敏感池化在严格重叠要求下更好。',
  ),
  claim(
    'ohem',
    'Shrivastava et al. 2016',
    'Mining hard examples reaches a given precision in fewer steps than a uniform choice.',
    '难例挖掘比均匀采样用更少的步数达到同样精度。',
  ),
  claim(
    'exact',
    'Dai et al. 2017',
    'With offsets of zero a deformable convolution is the plain one, and with offsets of one pixel that of a shifted picture.',
    '偏移为零时可变形卷积等于普通卷积；偏移一像素时等于平移后的图像的卷积。',
  ),
];
