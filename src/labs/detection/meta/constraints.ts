/** Rules between the lab's controls. */
import type { Config, Text } from '../../../train/control';
import type { Constraint } from '../../../train/lab';

const rule = (
  ids: readonly string[],
  holds: (config: Config) => boolean,
  message: (config: Config) => Text,
  change: (config: Config) => Config,
): Constraint => ({
  ids,
  problem: (config) => (holds(config) ? undefined : message(config)),
  fix: (config) => ({ ...config, ...change(config) }),
});

/** Blocks of the backbone: two that halve the resolution, then the last stage. */
const blocksOf = (c: Config) => 2 + Number(c['blocks']);

export const constraints: readonly Constraint[] = [
  rule(
    ['smallest', 'largest'],
    (c) => Number(c['smallest']) <= Number(c['largest']),
    () => ({ en: 'The smallest objects are larger than the largest.', zh: '最小物体大于最大物体。' }),
    (c) => ({ largest: Number(c['smallest']) }),
  ),
  rule(
    ['deformed', 'blocks'],
    (c) => c['deform'] === 'none' || Number(c['deformed']) <= blocksOf(c),
    (c) => ({ en: `The backbone has ${blocksOf(c)} blocks.`, zh: `骨干网络共有 ${blocksOf(c)} 个块。` }),
    (c) => ({ deformed: blocksOf(c) }),
  ),
  rule(
    ['regionbatch', 'proposals'],
    (c) => Number(c['regionbatch']) <= Number(c['proposals']),
    (c) => ({
      en: `There are ${String(c['proposals'])} regions to choose from.`,
      zh: `只有 ${String(c['proposals'])} 个区域可选。`,
    }),
    (c) => ({ regionbatch: Number(c['proposals']) }),
  ),
];
