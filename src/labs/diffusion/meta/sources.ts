import type { Source } from '../../../train/lab';

const source = (title: string, authors: string, year: number, reference: string): Source => ({
  title,
  authors,
  year,
  reference,
});

export const sources: readonly Source[] = [
  source(
    'Elucidating the Design Space of Diffusion-Based Generative Models',
    'T. Karras, M. Aittala, T. Aila, S. Laine',
    2022,
    'arXiv:2206.00364',
  ),
  source('Denoising Diffusion Probabilistic Models', 'J. Ho, A. Jain, P. Abbeel', 2020, 'arXiv:2006.11239'),
  source('Denoising Diffusion Implicit Models', 'J. Song, C. Meng, S. Ermon', 2021, 'arXiv:2010.02502'),
  source('Improved Denoising Diffusion Probabilistic Models', 'A. Nichol, P. Dhariwal', 2021, 'arXiv:2102.09672'),
  source(
    'Score-Based Generative Modeling through Stochastic Differential Equations',
    'Y. Song, J. Sohl-Dickstein, D. P. Kingma, A. Kumar, S. Ermon, B. Poole',
    2021,
    'arXiv:2011.13456',
  ),
  source(
    'DPM-Solver++: Fast Solver for Guided Sampling of Diffusion Probabilistic Models',
    'C. Lu, Y. Zhou, F. Bao, J. Chen, C. Li, J. Zhu',
    2022,
    'arXiv:2211.01095',
  ),
  source(
    'Flow Matching for Generative Modeling',
    'Y. Lipman, R. T. Q. Chen, H. Ben-Hamu, M. Nickel, M. Le',
    2023,
    'arXiv:2210.02747',
  ),
  source(
    'Flow Straight and Fast: Learning to Generate and Transfer Data with Rectified Flow',
    'X. Liu, C. Gong, Q. Liu',
    2023,
    'arXiv:2209.03003',
  ),
  source(
    'U-Net: Convolutional Networks for Biomedical Image Segmentation',
    'O. Ronneberger, P. Fischer, T. Brox',
    2015,
    'arXiv:1505.04597',
  ),
  source('Scalable Diffusion Models with Transformers', 'W. Peebles, S. Xie', 2023, 'arXiv:2212.09748'),
  source('Classifier-Free Diffusion Guidance', 'J. Ho, T. Salimans', 2022, 'arXiv:2207.12598'),
];
