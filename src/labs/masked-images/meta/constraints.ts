import type { Config } from '../../../train/control';
import type { Constraint } from '../../../train/lab';
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
