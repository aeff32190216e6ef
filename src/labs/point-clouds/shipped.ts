/** The models that ship with this lab. */
import { labModels } from '../labModels';
import { meta } from './meta';

/** Settings that decide whether weights fit, and what the network's output means. */
const ARCHITECTURE = [
  ...['data', 'task', 'method', 'normals', 'width', 'bottleneck'],
  ...['tnetin', 'tnetfeat', 'pool', 'grouping', 'graph', 'side', 'viewsize', 'shading'],
];

export const models = labModels(meta, ARCHITECTURE);
export const { startingModel } = models;
