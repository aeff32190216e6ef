import { OWN_SIZE } from '../../../data/ownImages';
import type { Config } from '../../../train/control';

/** Image sizes by data set; the first is the set's own. */
const SIZES: Readonly<Record<string, readonly number[]>> = {
  fashion: [28, 14, 32],
  digits: [28, 14, 32],
  emoji: [32, 16],
  own: [OWN_SIZE, 16, 48, 64],
};

/** Side of the images that a config asks for. */
export function imageSize(config: Config): number {
  const own = SIZES[String(config['data'])]?.[0] ?? 32;
  return Number(config['size']) || own;
}
