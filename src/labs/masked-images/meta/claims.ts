import type { ClaimMeta } from '../../../train/lab';

/** The claims as sentences; their runs are in `../claims`. */
export const claimSentences: readonly ClaimMeta[] = [
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
];
