/** The models that ship with this lab. */
import { labModels } from '../labModels';
import { meta } from './meta';

/** Settings that decide whether weights fit, and what the network's output means. */
const ARCHITECTURE = [
  ...['method', 'data', 'classes', 'deform', 'deformed', 'k', 'roipool', 'pspool'],
  ...['width', 'blocks', 'atrous', 'norm', 'hidden', 'scales', 'ratios'],
];

export const models = labModels(meta, ARCHITECTURE);
export const { startingModel } = models;
