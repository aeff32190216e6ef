/** The models that ship with this lab. */
import { labModels } from '../labModels';
import { meta } from './meta';

/** Settings that decide whether weights fit, and what the network's output means. */
const ARCHITECTURE = [
  ...['data', 'drawn', 'size', 'framework', 'precond', 'sdata'],
  ...['width', 'depth', 'patch', 'dwidth', 'ddepth', 'heads', 'cond'],
  ...['net', 'uwidth', 'ulevels', 'ublocks', 'uattention'],
];

export const models = labModels(meta, ARCHITECTURE);
export const { startingModel } = models;
