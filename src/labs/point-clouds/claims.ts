import type { Claim } from '../../train/claim';
import { criticalPoints } from './claims/criticalPoints';
import { density } from './claims/density';
import { localStructure } from './claims/localStructure';
import { missingPoints } from './claims/missingPoints';
import { order } from './claims/order';
import { outliers } from './claims/outliers';
import { representations } from './claims/representations';
import { rotation } from './claims/rotation';

/** The claims of meta.ts, in its order, as experiments. */
export const claims: readonly Claim[] = [
  missingPoints,
  outliers,
  criticalPoints,
  order,
  density,
  localStructure,
  rotation,
  representations,
];
