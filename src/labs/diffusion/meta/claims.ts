import type { ClaimMeta } from '../../../train/lab';

/** What the papers claim; the runs stand in claims/. */
export const claimSentences: readonly ClaimMeta[] = [
  {
    id: 'order-of-samplers',
    sentence: {
      en: 'Halving the step halves Euler’s error and quarters those of Heun and DPM-Solver++(2M); at equal evaluations 2M wins from 15 on, and Heun beats Euler only past about 30.',
      zh: '步长减半，Euler 误差减半，Heun 与 DPM-Solver++(2M) 减为四分之一；同等网络调用下，2M 从 15 次起领先，Heun 约 30 次后才胜过 Euler。',
    },
    source: 'Karras et al. 2022, figure 2; Lu et al. 2022',
  },
  {
    id: 'rho',
    sentence: {
      en: 'Steps crowded at little noise pay: ρ = 7 is at least a hundred times better than ρ = 1, and within a quarter of the best of 3, 5, 9 and 15.',
      zh: '把步数集中在低噪声处有利：ρ = 7 至少比 ρ = 1 好一百倍，且与 3、5、9、15 中最好者相差不超过四分之一。',
    },
    source: 'Karras et al. 2022, section 3 and figure 13',
  },
  {
    id: 'eta',
    sentence: {
      en: 'At twenty steps and fewer DDIM with η = 0 is better than η = 1, and that better than the large fixed variance; by a hundred steps the gap has closed.',
      zh: '二十步及以内，DDIM 的 η = 0 优于 η = 1，后者又优于固定大方差；到一百步差距消失。',
    },
    source: 'Song et al. 2021 (DDIM), table 1',
  },
  {
    id: 'preconditioning',
    sentence: {
      en: 'Predicting ε fails at much noise (ten times EDM’s error from σ = 20), predicting x₀ at little (three times at σ = 0.02); EDM’s preconditioning fails at neither.',
      zh: '预测 ε 在强噪声下失败（σ ≥ 20 时误差为 EDM 的十倍），预测 x₀ 在弱噪声下失败（σ = 0.02 时三倍）；EDM 的预处理两端皆稳。',
    },
    source: 'Karras et al. 2022, section 5',
  },
  {
    id: 'churn',
    sentence: {
      en: 'Fresh noise while sampling repairs a network that accumulates error, and does not help a well-conditioned one.',
      zh: '采样时加入新噪声能修复误差累积的网络，却帮不了预处理良好的网络。',
    },
    source: 'Karras et al. 2022, section 4',
  },
  {
    id: 'straight-paths',
    sentence: {
      en: 'With sixteen Euler steps and fewer, even flow times end nearer the truth than EDM’s grid; the paths are not straight all the same, and one reflow straightens them.',
      zh: '十六步以内的 Euler，均匀流时间比 EDM 网格更接近真值；但路径并不直，一次 reflow 可将其拉直。',
    },
    source: 'Liu et al. 2023; Lipman et al. 2023',
  },
  {
    id: 'frameworks-coincide',
    sentence: {
      en: 'With the exact denoiser DDIM without noise, Euler in σ and flow’s Euler coincide, as do DDIM with η = 1, DDPM’s small variance and ancestral sampling; Heun in σ and Heun in flow time differ.',
      zh: '用精确去噪器时，无噪 DDIM、σ 上的 Euler 与流的 Euler 重合；η = 1 的 DDIM、DDPM 小方差与祖先采样重合；σ 上的 Heun 与流时间上的 Heun 不同。',
    },
    source: 'Karras et al. 2022, table 1; Song et al. 2021 (DDIM)',
  },
];
