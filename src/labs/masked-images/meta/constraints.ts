import type { Config } from '../../../train/control';
import type { Constraint } from '../../../train/lab';
import { drawnText, hiddenPatches } from '../masks';
import { imageSize } from './imageSize';

const number = (config: Config, id: string) => Number(config[id]);

export const constraints: readonly Constraint[] = [
  {
    ids: ['patch'],
    problem: (config) => {
      const [size, patch] = [imageSize(config), number(config, 'patch')];
      return size % patch === 0
        ? undefined
        : {
            en: `Patches of ${patch} do not divide an image of ${size} pixels.`,
            zh: `边长 ${patch} 的图块不能整除 ${size} 像素的图像。`,
          };
    },
    fix: (config) => ({ ...config, patch: imageSize(config) % 4 === 0 ? 4 : 2 }),
  },
  // A drawing begins with what the ratio hides: with nothing hidden there would be nothing to learn.
  {
    ids: ['drawn'],
    problem: ({ shape, drawn }) =>
      shape === 'drawn' && drawn === ''
        ? { en: 'No mask is drawn: it begins as a random one.', zh: '还没有画掩码：先从随机掩码开始。' }
        : undefined,
    fix: (config) => {
      const grid = imageSize(config) / number(config, 'patch');
      return {
        ...config,
        drawn: drawnText(hiddenPatches(grid, number(config, 'mask'), 'random', number(config, 'seed'), 0)),
      };
    },
  },
  ...(
    [
      ['width', 'heads', 'encoder', '编码器'],
      ['dwidth', 'dheads', 'decoder', '解码器'],
    ] as const
  ).map(([width, heads, en, zh]): Constraint => ({
    ids: [heads],
    problem: (config) => {
      const d = number(config, width) / number(config, heads);
      return d > 128
        ? { en: `A head of the ${en} would be ${d} wide; 128 is the most.`, zh: `${zh}每个头宽 ${d}，最多 128。` }
        : undefined;
    },
    fix: (config) => ({ ...config, [heads]: Math.max(2, number(config, heads)) }),
  })),
];
