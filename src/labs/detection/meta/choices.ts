import type { ChoiceControl, Config } from '../../../train/control';

type Option = ChoiceControl['options'][number];

/** An option by its value and its name in both languages. */
export const option = (value: string | number, en: string, zh = en): Option => ({ value, label: { en, zh } });

/** Whether a setting has one of these values. */
export const having =
  (id: string, ...values: readonly (string | number | boolean)[]) =>
  (config: Config): boolean =>
    values.includes(config[id] ?? '');

export const onFaster = having('method', 'faster');
export const onRfcn = having('method', 'rfcn');
/** Scenes are composed, and not the reader's own pictures. */
export const onScenes = having('data', 'furniture', 'emoji');
/** Something of the network is deformable: its convolutions or the pooling of its regions. */
export const isDeformable = (config: Config): boolean =>
  config['deform'] !== 'none' ||
  (onRfcn(config) ? config['pspool'] === 'deformable' : config['roipool'] === 'deformable');
