import type { Source } from '../../../train/lab';

const source = (title: string, authors: string, year: number, reference: string): Source => ({
  title,
  authors,
  year,
  reference,
});

export const sources: readonly Source[] = [
  source(
    'PointNet: Deep Learning on Point Sets for 3D Classification and Segmentation',
    'C. R. Qi, H. Su, K. Mo, L. J. Guibas',
    2017,
    'arXiv:1612.00593',
  ),
  source(
    'PointNet++: Deep Hierarchical Feature Learning on Point Sets in a Metric Space',
    'C. R. Qi, L. Yi, H. Su, L. J. Guibas',
    2017,
    'arXiv:1706.02413',
  ),
  source(
    'Dynamic Graph CNN for Learning on Point Clouds',
    'Y. Wang, Y. Sun, Z. Liu, S. E. Sarma, M. M. Bronstein, J. M. Solomon',
    2019,
    'arXiv:1801.07829',
  ),
  source(
    'VoxNet: A 3D Convolutional Neural Network for Real-Time Object Recognition',
    'D. Maturana, S. Scherer',
    2015,
    'doi:10.1109/IROS.2015.7353481',
  ),
  source(
    'Multi-view Convolutional Neural Networks for 3D Shape Recognition',
    'H. Su, S. Maji, E. Kalogerakis, E. Learned-Miller',
    2015,
    'arXiv:1505.00880',
  ),
  source('A Deeper Look at 3D Shape Classifiers', 'J.-C. Su, M. Gadelha, R. Wang, S. Maji', 2018, 'arXiv:1809.02560'),
];
