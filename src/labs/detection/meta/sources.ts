import type { Source } from '../../../train/lab';

const source = (title: string, authors: string, year: number, reference: string): Source => ({
  title,
  authors,
  year,
  reference,
});

export const sources: readonly Source[] = [
  source(
    'Faster R-CNN: Towards Real-Time Object Detection with Region Proposal Networks',
    'S. Ren, K. He, R. Girshick, J. Sun',
    2015,
    'arXiv:1506.01497',
  ),
  source(
    'R-FCN: Object Detection via Region-based Fully Convolutional Networks',
    'J. Dai, Y. Li, K. He, J. Sun',
    2016,
    'arXiv:1605.06409',
  ),
  source(
    'Training Region-based Object Detectors with Online Hard Example Mining',
    'A. Shrivastava, A. Gupta, R. Girshick',
    2016,
    'arXiv:1604.03540',
  ),
  source(
    'Deformable Convolutional Networks',
    'J. Dai, H. Qi, Y. Xiong, Y. Li, G. Zhang, H. Hu, Y. Wei',
    2017,
    'arXiv:1703.06211',
  ),
  source('Mask R-CNN', 'K. He, G. Gkioxari, P. Dollár, R. Girshick', 2017, 'arXiv:1703.06870'),
  source(
    'Deformable ConvNets v2: More Deformable, Better Results',
    'X. Zhu, H. Hu, S. Lin, J. Dai',
    2019,
    'arXiv:1811.11168',
  ),
];
