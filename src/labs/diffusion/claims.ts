import type { Claim } from '../../train/claim';
import { churn } from './claims/churn';
import { eta } from './claims/eta';
import { frameworksCoincide } from './claims/frameworksCoincide';
import { orderOfSamplers } from './claims/orderOfSamplers';
import { preconditioning } from './claims/preconditioning';
import { rho } from './claims/rho';
import { straightPaths } from './claims/straightPaths';

/** The claims of meta.ts, in its order, as experiments. */
export const claims: readonly Claim[] = [
  orderOfSamplers,
  rho,
  eta,
  preconditioning,
  churn,
  straightPaths,
  frameworksCoincide,
];
