/** The scenes: how many objects, how large, how distorted. */
import { choiceControl, numberControl, type Control } from '../../../train/control';
import { onScenes, option } from './choices';

/** Of composed scenes: acts on the next step, since scenes are composed as they are asked for. */
const sceneNumber = (made: Omit<Parameters<typeof numberControl>[0], 'effect' | 'group' | 'shownWhen'>) =>
  numberControl({ ...made, effect: 'knob', group: 'data', shownWhen: onScenes });

export const dataControls: readonly Control[] = [
  choiceControl({
    id: 'data',
    label: { en: 'Data', zh: '数据' },
    help: {
      en: 'Cut-out sprites on photographs, or your own pictures with boxes. Held-out scenes hold sprites and photographs that are never trained on.',
      zh: '贴在照片上的图标，或你自己的带框图片。留出场景只含从未训练过的图标与照片。',
    },
    effect: 'restart',
    group: 'data',
    options: [
      option('furniture', 'Furniture', '家具'),
      option('emoji', 'Emoji', '表情符号'),
      option('own', 'My pictures', '我的图片'),
    ],
    default: 'emoji',
  }),
  choiceControl({
    id: 'classes',
    label: { en: 'Classes', zh: '类别' },
    help: {
      en: 'All classes of the set, six that look unlike each other, or one: any object at all.',
      zh: '全部类别、六个外观差异较大的类别，或只有一类：任何物体。',
    },
    effect: 'restart',
    group: 'data',
    shownWhen: onScenes,
    options: [option('all', 'All', '全部'), option('six', 'Six', '六个'), option('one', 'One', '一个')],
    default: 'one',
  }),
  choiceControl({
    id: 'size',
    label: { en: 'Picture size', zh: '图像尺寸' },
    help: { en: 'Side of a picture in pixels.', zh: '图像边长（像素）。' },
    effect: 'rebuild',
    group: 'data',
    options: [option(64, '64 px', '64 像素'), option(128, '128 px', '128 像素'), option(192, '192 px', '192 像素')],
    default: 128,
  }),
  sceneNumber({
    id: 'objects',
    label: { en: 'Objects', zh: '物体数' },
    help: { en: 'A scene has between one and so many objects.', zh: '每个场景有一个到这么多个物体。' },
    hero: true,
    min: 1,
    max: 8,
    step: 1,
    default: 3,
  }),
  sceneNumber({
    id: 'smallest',
    label: { en: 'Smallest', zh: '最小' },
    help: { en: 'Longer side of the smallest objects, as a share of the picture.', zh: '最小物体的长边占图像的比例。' },
    min: 0.1,
    max: 0.9,
    step: 0.05,
    default: 0.35,
  }),
  sceneNumber({
    id: 'largest',
    label: { en: 'Largest', zh: '最大' },
    help: { en: 'Longer side of the largest objects, as a share of the picture.', zh: '最大物体的长边占图像的比例。' },
    min: 0.1,
    max: 0.9,
    step: 0.05,
    default: 0.6,
  }),
  sceneNumber({
    id: 'turn',
    label: { en: 'Rotation', zh: '旋转' },
    help: { en: 'Objects are turned by up to so much to either side.', zh: '物体向两侧旋转的最大角度。' },
    unit: '°',
    min: 0,
    max: 180,
    step: 5,
    default: 10,
  }),
  sceneNumber({
    id: 'warp',
    label: { en: 'Bend', zh: '弯曲' },
    help: {
      en: 'Strength of a smooth bend; at 1 a point moves by up to a quarter of the object.',
      zh: '平滑弯曲的强度；为 1 时点最多移动物体的四分之一。',
    },
    min: 0,
    max: 1,
    step: 0.05,
    default: 0,
  }),
  sceneNumber({
    id: 'light',
    label: { en: 'Light', zh: '光照' },
    help: { en: 'Strength of changes in brightness and tint.', zh: '亮度与色调变化的强度。' },
    min: 0,
    max: 1,
    step: 0.05,
    default: 0.4,
  }),
  sceneNumber({
    id: 'crowd',
    label: { en: 'Overlap', zh: '重叠' },
    help: {
      en: 'Boxes of two objects overlap by no more (intersection over union).',
      zh: '两个物体的框最多重叠这么多（交并比）。',
    },
    min: 0,
    max: 0.5,
    step: 0.05,
    default: 0.05,
  }),
];
