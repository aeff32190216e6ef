import type { ChoiceControl, Config } from '../../../train/control';

type Option = ChoiceControl['options'][number];

/** An option by its value and its name in both languages. */
export const option = (value: string | number, en: string, zh: string): Option => ({ value, label: { en, zh } });

/** Whether a setting has one of these values. */
export const having =
  (id: string, ...values: readonly (string | number | boolean)[]) =>
  (config: Config): boolean =>
    values.includes(config[id] ?? '');

export const onPoints = having('method', 'pointnet', 'pointnet2', 'dgcnn');
export const onRooms = having('task', 'scene');
