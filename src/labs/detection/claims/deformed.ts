/** What deformable layers and bins bring, as comparisons. */
import type { Config, Text } from '../../../train/control';
import { comparisonClaim, type Precisions, type Side } from './comparison';
import { atLeastOver, BASE } from './shared';

/** Objects turned to all sides and bent. */
const DISTORTED: Config = { ...BASE, turn: 180, warp: 0.8, offsetrate: 0.3, deformed: 1 };
const UPRIGHT_SCENES = { rotation: 0.1, warp: 0 };
const TURNED_SCENES = { rotation: Math.PI, warp: 0.8 };

const PLAIN: Text = { en: 'plain', zh: '普通' };

const gained = (of: Precisions, id: string) => {
  const without = of('without', id);
  return of('with', id).map((value, i) => value - (without[i] ?? NaN));
};

/** Of precisions on turned and on upright scenes. */
export function warpedParts(of: Precisions) {
  return [
    {
      name: {
        en: 'deformable layers raise precision on turned and bent objects',
        zh: '可变形层提高旋转弯曲物体上的精度',
      },
      verdict: atLeastOver(of('with', 'turned'), of('without', 'turned')),
    },
    {
      name: { en: 'more than on upright ones', zh: '且多于端正物体上' },
      verdict: atLeastOver(gained(of, 'turned'), gained(of, 'upright')),
    },
  ];
}

export const warped = comparisonClaim({
  id: 'warped',
  steps: { gpu: 2000, software: 700 },
  names: { without: PLAIN, with: { en: 'deformable', zh: '可变形' } },
  configOf: (side: Side, seed) => ({ ...DISTORTED, deform: side === 'with' ? 'v1' : 'none', seed }),
  measures: [
    { id: 'upright', name: { en: 'upright', zh: '端正' }, scene: UPRIGHT_SCENES, precision: 'ap50' },
    { id: 'turned', name: { en: 'turned and bent', zh: '旋转弯曲' }, scene: TURNED_SCENES, precision: 'ap50' },
  ],
  parts: warpedParts,
  words: {
    en: 'Faster R-CNN trained on turned and bent objects, the last layer plain or deformable (v1); AP at .5',
    zh: 'Faster R-CNN，在旋转弯曲的物体上训练，最后一层普通或可变形（v1）；AP@.5',
  },
});

export function modulationParts(of: Precisions) {
  return [
    {
      name: { en: 'modulation adds to precision', zh: '调制提高精度' },
      verdict: atLeastOver(of('with', 'turned'), of('without', 'turned')),
    },
  ];
}

export const modulation = comparisonClaim({
  id: 'modulation',
  steps: { gpu: 2000, software: 700 },
  names: { without: { en: 'v1', zh: 'v1' }, with: { en: 'v2', zh: 'v2' } },
  configOf: (side: Side, seed) => ({ ...DISTORTED, deform: side === 'with' ? 'v2' : 'v1', seed }),
  measures: [
    { id: 'turned', name: { en: 'turned and bent', zh: '旋转弯曲' }, scene: TURNED_SCENES, precision: 'ap50' },
    {
      id: 'turnedAll',
      name: { en: 'the same, AP .5 to .95', zh: '同上，AP .5 至 .95' },
      scene: TURNED_SCENES,
      precision: 'ap',
    },
  ],
  parts: modulationParts,
  words: {
    en: 'Faster R-CNN on turned and bent objects, the last layer deformable v1 or v2',
    zh: 'Faster R-CNN，旋转弯曲的物体，最后一层为可变形 v1 或 v2',
  },
});

export function binsParts(of: Precisions) {
  return [
    {
      name: { en: 'deformable bins gain at an overlap of .75', zh: '可变形分格在重叠 .75 时更好' },
      verdict: atLeastOver(of('with', 'strict'), of('without', 'strict')),
    },
  ];
}

export const bins = comparisonClaim({
  id: 'bins',
  steps: { gpu: 2000, software: 700 },
  names: { without: PLAIN, with: { en: 'deformable bins', zh: '可变形分格' } },
  configOf: (side: Side, seed) => ({
    ...{ ...BASE, method: 'rfcn', turn: 45, warp: 0.5, offsetrate: 0.3 },
    ...{ pspool: side === 'with' ? 'deformable' : 'plain', seed },
  }),
  measures: [
    { id: 'loose', name: { en: 'AP at .5', zh: 'AP@.5' }, scene: {}, precision: 'ap50' },
    { id: 'strict', name: { en: 'AP at .75', zh: 'AP@.75' }, scene: {}, precision: 'ap75' },
  ],
  parts: binsParts,
  words: { en: 'R-FCN, k = 3, turned and bent objects', zh: 'R-FCN，k = 3，旋转弯曲的物体' },
});
