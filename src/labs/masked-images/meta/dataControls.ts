import { choiceControl, type Control } from '../../../train/control';

export const dataControls: readonly Control[] = [
  choiceControl({
    id: 'data',
    label: { en: 'Data set', zh: '数据集' },
    help: { en: 'The images to learn from.', zh: '用来学习的图像。' },
    effect: 'restart',
    group: 'data',
    options: [
      { value: 'fashion', label: { en: 'Fashion', zh: '服饰' } },
      { value: 'emoji', label: { en: 'Emoji', zh: '表情' } },
      { value: 'digits', label: { en: 'Digits', zh: '数字' } },
      { value: 'own', label: { en: 'My own', zh: '我的' } },
    ],
    default: 'fashion',
  }),
  choiceControl({
    id: 'size',
    label: { en: 'Image size', zh: '图像尺寸' },
    help: {
      en: 'Side of the images in pixels; 0 is the data set’s own.',
      zh: '图像边长（像素）；0 为数据集自身尺寸。',
    },
    effect: 'restart',
    group: 'data',
    options: [0, 14, 16, 28, 32, 48, 64].map((value) => ({
      value,
      label: value === 0 ? { en: 'own', zh: '原始' } : { en: `${value} px`, zh: `${value} 像素` },
    })),
    default: 0,
  }),
  choiceControl({
    id: 'patch',
    label: { en: 'Patch size', zh: '图块尺寸' },
    help: { en: 'Side of a patch in pixels; it must divide the image.', zh: '图块边长（像素），须整除图像边长。' },
    effect: 'restart',
    group: 'data',
    options: [2, 4, 7, 8].map((value) => ({ value, label: { en: `${value} px`, zh: `${value} 像素` } })),
    default: 4,
  }),
];
