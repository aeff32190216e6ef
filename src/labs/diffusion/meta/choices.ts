import type { ChoiceControl, Config } from '../../../train/control';
import { AS_FRAMEWORK } from '../cells';
import { isDensity } from '../data/densities';

type Option = ChoiceControl['options'][number];

/** An option by its value and its name in both languages. */
export const option = (value: string | number, en: string, zh: string): Option => ({ value, label: { en, zh } });

/** Leaves a cell to the framework: the default of every cell. */
export const asFramework = option(AS_FRAMEWORK, 'as the framework', '同框架');

export const inPlane = (config: Config): boolean => isDensity(String(config['data']));
export const onPictures = (config: Config): boolean => !inPlane(config);
export const byTransformer = (config: Config): boolean => onPictures(config) && config['net'] !== 'unet';
export const byUnet = (config: Config): boolean => onPictures(config) && config['net'] === 'unet';
