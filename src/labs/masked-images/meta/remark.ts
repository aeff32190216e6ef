import type { Config, Text } from '../../../train/control';

export const NOTHING_HIDDEN: Text = {
  en: 'Nothing is hidden: there is nothing to predict, the loss is 0 and nothing is learned.',
  zh: '没有隐藏任何图块：无可预测，损失为 0，什么也学不到。',
};

/** A mask that hides nothing leaves nothing to predict. */
export function remark(config: Config): Text | undefined {
  const hidesNothing = config['shape'] === 'drawn' ? config['drawn'] === '0' : config['mask'] === 0;
  return hidesNothing ? NOTHING_HIDDEN : undefined;
}
